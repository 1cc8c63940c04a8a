"""What stands out in numbers: events of a series, how it ends, and what is odd about a run."""
