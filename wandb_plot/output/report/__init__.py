"""The HTML page of all the figures in a folder."""
