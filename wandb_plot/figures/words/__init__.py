"""A figure in words: its legend, its alternative text, and advice."""
