"""The web page: it works as plain HTML; with scripts its parts change in place, and by themselves."""
