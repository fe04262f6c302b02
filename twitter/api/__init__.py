"""The microblog's HTTP contract."""
