"""Running jobs: the local sandbox, and the runner that brings any job to its end."""
