"""Who may say yes to what."""
