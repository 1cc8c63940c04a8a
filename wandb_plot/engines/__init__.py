"""Who does many pieces of work at once."""
