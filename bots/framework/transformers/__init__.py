"""Transformers around API calls: throttling, retries, dry runs, recording.

    api.use(throttle(token), auto_retry(), dry_run())

The last one installed is called first: here a dry run makes no call, and each retry is throttled
again.
"""

from bots.framework.transformers.auto_retry import auto_retry
from bots.framework.transformers.dry_run import dry_run, made_up
from bots.framework.transformers.recorder import Recorder
from bots.framework.transformers.throttle import throttle

__all__ = ["Recorder", "auto_retry", "dry_run", "made_up", "throttle"]
