"""What notebooks and scripts call: the runs of a source, and figures of their own arrays."""
