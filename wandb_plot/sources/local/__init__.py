"""Run folders on disk as a source."""
