"""One file a command: parse, call a floor below, print."""
