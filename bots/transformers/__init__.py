"""What calls go through on their way to Pachca, and what every bot's calls go through by default.

    api.use(throttle(bot), auto_retry(), dry_run())

The one installed last is called first: here a dry run makes no call, and each retry passes the
throttle again.
"""

from bots.transformers.auto_retry import auto_retry
from bots.transformers.dry_run import dry_run, made_up
from bots.transformers.journal import journal
from bots.transformers.recorder import Recorder
from bots.transformers.throttle import throttle

__all__ = ["Recorder", "auto_retry", "dry_run", "journal", "made_up", "throttle"]
