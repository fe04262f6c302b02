"""Cases, forms of words and numbers, and how they depend on each other."""
