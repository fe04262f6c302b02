"""SCIM 2.0: an identity provider creates, changes and ends accounts, and keeps groups."""
