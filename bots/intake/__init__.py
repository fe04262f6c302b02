"""Intake of updates: each is stored before Pachca receives the response."""
