"""Stages, gates and the loop that walks through them."""
