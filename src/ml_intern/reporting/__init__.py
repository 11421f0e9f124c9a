"""The report: one HTML file that says how a run ended and on what grounds."""
