"""The chat page: its HTML, the JSON it fetches, and the updates it receives."""
