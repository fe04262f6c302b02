"""What is recognised in a Russian text, each with its reading."""
