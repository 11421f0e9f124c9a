"""What a brain can do: one file per tool."""
