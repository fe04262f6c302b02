"""Speech libraries written in C, isolated in child processes so that a crash is contained.

The child's side does not import Django, so that it starts fast.
"""
