"""One `.wandb` file: its bytes, records and columns. Knows nothing of runs or folders."""
