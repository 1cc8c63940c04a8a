"""Where runs come from: a W&B server, run folders on disk, or Parquet files made of either. One protocol for all."""
