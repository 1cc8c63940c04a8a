"""From histories to the lines of a figure: of runs and of groups of runs."""
