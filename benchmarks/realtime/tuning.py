"""The garbage collector's settings, the same for all servers."""

import gc


def tune_collector():
    """Tune the collector; call this after all imports, as project/asgi.py does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
