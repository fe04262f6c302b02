"""Directory sync: accounts follow the list of people in Pachca."""
