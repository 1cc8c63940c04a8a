"""Pure functions over arrays: statistics, smoothing, grouping."""
