"""What is seen of lines: on which axes, on which scales, within which limits."""
