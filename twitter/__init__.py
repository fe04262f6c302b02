"""The corporate microblog: users, API keys, tweets."""
