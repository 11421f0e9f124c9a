"""The protocols at the seams between parts."""
