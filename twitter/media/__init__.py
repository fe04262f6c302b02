"""Image files: validation, metadata removal, conversion and storage."""
