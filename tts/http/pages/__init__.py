"""The pages under /tts/, for people."""
