"""The formats of frames and payloads, and the names of rooms and of keys in Redis."""
