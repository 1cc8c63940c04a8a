"""Pure functions over arrays, and what their numbers are called: statistics, reductions, smoothing, grouping."""
