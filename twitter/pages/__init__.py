"""The web page: plain HTML that works, and with scripts its parts change in place."""
