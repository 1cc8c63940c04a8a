"""What runs in the process of the W&B client, and only there."""
