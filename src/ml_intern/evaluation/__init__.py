"""Scores that the harness computes itself."""
