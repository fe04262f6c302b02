"""Privacy: people download a copy of their own data."""
