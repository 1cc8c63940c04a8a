"""A figure in words: its labels, what stands out in its lines, its alt text, and its entry in metadata.json."""
