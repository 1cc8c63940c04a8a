"""What lands on disk: the folder, its metadata.json, and the names of files."""
