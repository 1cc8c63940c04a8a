"""From columns to a `Figure`, and the words for it."""
