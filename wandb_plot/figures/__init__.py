"""From columns to a `Figure`, its words, and its entry in metadata.json."""
