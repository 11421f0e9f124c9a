"""The geometry of charts; templates draw it."""
