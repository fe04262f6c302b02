"""Speech over HTTP: the calls for routes, the files, and OpenAI's speech call."""
