"""The behavioural suite: texts made to try a classifier, and what its answers to them prove."""
