"""RUNS: from names, globs and conditions to runs."""
