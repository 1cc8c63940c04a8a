"""The history of a run: exact, sampled, or as it was read before."""
