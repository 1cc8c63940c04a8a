"""The renderers' door: the hooks, and how installed renderers are found and loaded."""
