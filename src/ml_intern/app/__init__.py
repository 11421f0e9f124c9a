"""Use cases: what commands call. The only place that knows every part."""
