"""What a run knows: frozen values without I/O."""
