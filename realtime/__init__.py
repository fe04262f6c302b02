"""The live line: an event register over websockets, and the bus that joins every process to it."""
