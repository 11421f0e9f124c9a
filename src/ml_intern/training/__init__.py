"""Recipes, their smoke test, and what a training will take."""
