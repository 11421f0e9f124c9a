"""Loading, profiling, auditing and splitting data."""
