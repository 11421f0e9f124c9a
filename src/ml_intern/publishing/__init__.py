"""The model card and the folder around it."""
