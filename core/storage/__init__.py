"""Storage of media files: a directory or an S3 bucket."""
