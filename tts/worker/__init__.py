"""What runs in the workers of speech."""
