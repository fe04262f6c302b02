"""OpenAI's speech call, as its clients speak it."""
