"""The microblog's REST API."""
