"""The entries of the repair catalogue, one bug per file, found by the catalogue itself."""
