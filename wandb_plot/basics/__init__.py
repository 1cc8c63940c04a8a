"""What every floor may use, and what knows nothing of runs: values as text, JSON, order of names, bytes of files."""
