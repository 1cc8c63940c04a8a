"""Tables that commands make: of values, and of one number a run or group."""
