"""A W&B server as a source."""
