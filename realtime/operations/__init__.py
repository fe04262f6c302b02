"""Running it: control messages between processes, the overview and the admin page."""
