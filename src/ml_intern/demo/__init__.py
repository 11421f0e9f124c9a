"""Built-in support tickets, so that the whole job can be tried with no data at hand."""
