"""ML Intern: a junior machine-learning teammate whose every claim is proved by code."""

__version__ = "0.1.0"
