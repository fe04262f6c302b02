"""Speech libraries written in C, each in processes of its own: a crash there ends nothing here.

The child's side never imports Django, so that it starts at once.
"""
