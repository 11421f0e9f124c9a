"""The tools for other agents, over the Model Context Protocol: the same commands, the same gates."""
