"""One file a command's way from source to outcome; what several of them share is in folders."""
