"""Configured MCP servers as tools of a language model: asked first, bounded, each call made once."""
