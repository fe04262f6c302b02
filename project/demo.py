"""The demo: people, tweets, and a bot that answers in the sandbox. Made in DEBUG only."""

from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bots.models import Bot
from project.environment import kept_secret
from sandbox import actions as sandbox
from sandbox.models import Account
from twitter import demo as microblog

PASSWORD_FILE = Path(settings.VAR_DIR) / "demo_password"
PASSWORD_BYTES = 12


@transaction.atomic
def seed() -> None:
    """Make the demo, or mend what is missing of it; what people did since stays."""
    microblog.seed(kept_secret(PASSWORD_FILE, PASSWORD_BYTES))
    people = [sandbox.add_person(name, nickname) for nickname, name in microblog.PEOPLE.items()]
    account = sandbox.add_bot(_("Demo bot"), "demo", "/bots/demo/webhook")
    _register(account)
    sandbox.add_chat(_("General"), [*people, account])
    sandbox.add_chat(_("Ideas"), people[:3])
    for person in people:
        sandbox.direct_chat(person, account)


def _register(account: Account) -> None:
    """Let this installation answer for the sandbox's bot."""
    connection = {
        "token": account.token,
        "signing_secret": account.signing_secret,
        "pachca_user_id": account.pk,
        "in_sandbox": True,
    }
    Bot.objects.update_or_create(
        slug="demo",
        defaults=connection,
        create_defaults={"name": account.first_name, **connection},
    )
