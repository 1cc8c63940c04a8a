"""What tells runs apart: the keys that differ, the groups and the labels made of them."""
