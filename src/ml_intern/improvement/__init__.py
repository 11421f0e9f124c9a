"""What could make the model better, by what was measured, and whether a change did."""
