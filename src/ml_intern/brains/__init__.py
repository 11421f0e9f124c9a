"""Who decides what to do next."""
