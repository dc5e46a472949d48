"""Reading: a chain becomes arrays, on the host."""
