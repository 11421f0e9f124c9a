"""Schema changes, applied in order and never edited once released."""
