"""The built-in brain: a competent engineer's standard procedure, with no model and no network."""
