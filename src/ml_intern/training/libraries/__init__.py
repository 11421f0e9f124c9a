"""The libraries that scripts use, as they are installed: read as text, never imported."""
