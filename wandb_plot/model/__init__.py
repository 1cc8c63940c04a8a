"""The nouns that the floors hand to one another, and how one asks for them."""
