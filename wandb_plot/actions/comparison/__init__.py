"""What `compare` makes of two sides: pairs of their runs, and the result."""
