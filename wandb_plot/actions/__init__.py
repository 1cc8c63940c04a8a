"""What each command does between opening a source and printing: one file per command."""
