"""One file a command's way from source to outcome."""
