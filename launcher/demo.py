"""The demo data: users, tweets, and a bot in the sandbox. Only created with DEBUG on."""

from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from bots.models import Bot, PachcaAccount
from bots.setup.requirements import commands_of
from core.settings.environment import stored_secret
from sandbox import actions as sandbox
from sandbox.models import Account
from twitter.demo import seed as microblog
from twitter.models import User

PASSWORD_FILE = Path(settings.VAR_DIR) / "demo_password"
PASSWORD_BYTES = 12
SCOPES = ["profile:read", "chats:read", "messages:create"]
"""What the demo bot asks people for when they sign in."""


@transaction.atomic
def seed() -> None:
    """Create the demo data, or add what is missing. Existing rows are not changed."""
    microblog.seed(stored_secret(PASSWORD_FILE, PASSWORD_BYTES))
    people = [_person(nickname, name) for nickname, name in microblog.PEOPLE.items()]
    account = sandbox.add_bot(_("Demo bot"), "demo", "/bots/demo/webhook")
    _register(account)
    enable_sign_in(account)
    sandbox.add_chat(_("General"), [*people, account])
    sandbox.add_chat(_("Ideas"), people[:3])
    sandbox.add_tag(_("Design"), people[:3])
    for person in people:
        sandbox.direct_chat(person, account)


def enable_sign_in(bot: Account) -> None:
    """Register this site in the sandbox as a client that people can sign in at."""
    if not settings.PACHCA_SIGN_IN_SANDBOX:  # people sign in with Pachca itself
        return
    hosts = (settings.SITE_URL, *(f"http://{name}:{settings.PORT}" for name in settings.LOOPBACK))
    sandbox.add_oauth_client(
        bot,
        [f"{host}{reverse('pachca_callback')}" for host in dict.fromkeys(hosts)],
        SCOPES,
        client_id=settings.PACHCA_CLIENT_ID,
        secret=settings.PACHCA_CLIENT_SECRET,
    )


def _person(nickname: str, name: str) -> Account:
    """Return the sandbox account of a demo user, linked to the user."""
    account = sandbox.add_person(name, nickname)
    person = User.objects.get(username=nickname)
    PachcaAccount.objects.get_or_create(
        in_sandbox=True, pachca_user_id=account.pk, defaults={"person": person}
    )
    return account


def _register(account: Account) -> None:
    """Create the bot that handles updates of the sandbox account."""
    connection = {
        "token": account.token,
        "signing_secret": account.signing_secret,
        "pachca_user_id": account.pk,
        "in_sandbox": True,
    }
    bot, _created = Bot.objects.update_or_create(
        slug="demo",
        defaults=connection,
        create_defaults={"name": account.first_name, **connection},
    )
    if not account.commands:
        account.commands = commands_of(bot)
        account.save(update_fields=["commands"])
