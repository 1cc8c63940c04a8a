"""A folder of Parquet files, one a run, as `history --output DIR/` writes it: made once, read often."""
