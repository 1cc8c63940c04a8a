"""What `generate` is asked for, and what it makes of one figure."""
