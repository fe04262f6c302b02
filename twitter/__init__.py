"""The corporate microblog: people, their keys, their tweets."""
