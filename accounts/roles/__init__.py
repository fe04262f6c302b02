"""Roles: groups of Django with a fixed name, a description, and the permissions of a job."""
