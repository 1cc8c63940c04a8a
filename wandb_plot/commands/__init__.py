"""The commands, one file each: parse the options, call one action, print what it returns."""
