"""How users ask for runs and metrics, and what meets what they ask."""
