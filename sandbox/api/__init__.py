"""The emulated API. The official specification routes each call; modules here answer it."""
