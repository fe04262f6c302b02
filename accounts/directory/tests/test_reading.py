"""The list is read from the sandbox over HTTP: by the service, the command and the handler."""

import io
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from accounts.directory import handlers, services
from accounts.directory.roster import IncompleteList, NoDirectoryBot, find_bot, read_all, read_some
from accounts.directory.services import sync_directory
from accounts.directory.sync import TooManyBlocked
from accounts.directory.tests.test_sync import account_of, know, many
from bots import CompanyMember, SkipHandler
from bots.framework.api import ApiError, run
from bots.models import Bot, PachcaAccount, Service
from bots.services import background
from bots.setup.requirements import events_of
from sandbox.actions import add_person, add_tag, change_people, remove_person
from sandbox.models import Account, WebhookEvent
from twitter.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _peer(live_server: Any, settings: SettingsWrapper, broker: Any) -> None:
    settings.SANDBOX_API_URL = f"{live_server.url}/sandbox/api/shared/v1"
    settings.DIRECTORY_MAX_BLOCKED_PERCENT = 50


def command(*options: str) -> str:
    out = io.StringIO()
    call_command("sync_directory", *options, stdout=out, stderr=out)
    return out.getvalue()


def happens(event: str, *people: Account) -> None:
    """Handle the event as the dispatcher does."""
    read: Any = CompanyMember.read(
        {"type": "company_member", "event": event, "user_ids": [it.pk for it in people]}
    )
    with pytest.raises(SkipHandler):
        run(handlers.sync_members(read, find_bot()))


def test_all_pages_are_read_with_the_tags(bot: Bot, olga: Account) -> None:
    people = many(120)
    add_tag("editors", [olga])

    roster = run(read_all(bot))

    assert roster.is_complete
    assert roster.entries.keys() == {olga.pk, *(it.pk for it in people)}
    assert roster.entries[olga.pk].tags == {"editors"}


@pytest.fixture
def answers(settings: SettingsWrapper) -> Iterator[list[Any]]:
    """Pages that a host returns instead of the sandbox; it knows people by number, but not 404."""
    pages: list[Any] = []

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            number = urlsplit(self.path).path.rpartition("/")[2]
            is_list = number == "users"
            body = pages.pop(0) if is_list else {"data": {"id": int(number), "role": "user"}}
            self.send_response(404 if number == "404" else 200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings.SANDBOX_API_URL = f"http://127.0.0.1:{server.server_port}"
        yield pages
        server.shutdown()


def page(*ids: int, cursor: str = "") -> Any:
    people = [{"id": pk, "role": "user"} for pk in ids]
    return {"data": people, "meta": {"paginate": {"next_page": cursor or None}}}


@pytest.mark.parametrize(
    "second", [{}, None, {"data": [{"id": 2}]}, {"data": None, "meta": {"paginate": {"a": 1}}}]
)
def test_a_response_that_is_no_page_of_the_list_stops_the_sync(
    bot: Bot, answers: list[Any], second: Any
) -> None:
    answers += [page(1, cursor="next"), second]

    with pytest.raises(IncompleteList):
        run(read_all(bot))


def test_an_empty_list_stops_the_sync(bot: Bot, answers: list[Any]) -> None:
    answers.append(page())

    with pytest.raises(IncompleteList):
        run(read_all(bot))


def test_whoever_is_missing_from_the_list_is_asked_for(bot: Bot, answers: list[Any]) -> None:
    answers.append(page(1))
    for pk in (1, 2, 404):
        person = User.objects.create_user(f"person{pk}")
        PachcaAccount.objects.link(person, pk, in_sandbox=True)

    roster = run(read_all(bot))

    assert (set(roster.entries), roster.gone) == ({1, 2}, {404})


def test_people_whom_pachca_does_not_know_are_gone(bot: Bot, olga: Account) -> None:
    roster = run(read_some(bot, [olga.pk, 999_999]))

    assert (set(roster.entries), roster.gone) == ({olga.pk}, {999_999})
    assert not roster.is_complete


def test_a_token_that_is_refused_changes_nothing(bot: Bot, olga: Account) -> None:
    run(sync_directory())
    bot.token = "another"
    bot.save()

    with pytest.raises(ApiError):
        run(sync_directory())
    assert account_of(olga).is_active


def test_the_command_prints_what_would_change_and_changes_it(
    bot: Bot, olga: Account, boris: Account
) -> None:
    preview = command("--dry-run")
    assert f"add Olga Orlova ({olga.pk})" in preview
    assert not User.objects.exists()

    assert "2 added" in command()
    olga.delete()
    boris.delete()
    add_person("Anna Belova", "anna")
    assert "block @olga" in command("--dry-run")
    with pytest.raises(CommandError, match="--force"):
        command()
    assert "2 blocked" in command("--force")


def test_without_a_bot_the_command_says_what_to_set(bot: Bot, settings: SettingsWrapper) -> None:
    settings.DIRECTORY_BOT = ""

    with pytest.raises(CommandError, match="DIRECTORY_BOT is not set"):
        command()
    with pytest.raises(NoDirectoryBot):
        run(sync_directory())


def test_events_are_followed_at_once(bot: Bot, olga: Account, boris: Account) -> None:
    happens("confirm", olga, boris)
    person = account_of(olga)

    change_people("suspend", [olga], suspended=True)
    happens("suspend", olga)
    suspended = User.objects.get(pk=person.pk)
    change_people("activate", [olga], suspended=False)
    happens("activate", olga)
    activated = User.objects.get(pk=person.pk)
    happens("delete", olga)

    assert (suspended.is_active, activated.is_active) == (False, True)
    assert not User.objects.get(pk=person.pk).is_active
    assert account_of(boris).is_active


def test_an_event_that_comes_late_does_not_undo_a_later_one(bot: Bot, olga: Account) -> None:
    happens("confirm", olga)
    change_people("suspend", [olga], suspended=True)

    happens("suspend", olga)
    happens("activate", olga)

    assert not account_of(olga).is_active


def test_only_the_bot_of_the_directory_needs_the_events(bot: Bot) -> None:
    other = Bot.objects.create(name="Other", slug="other")

    assert "company_member_suspend" in events_of(bot)
    assert handlers.router.bots is not None
    assert not handlers.is_directory_bot(other)


def test_the_sandbox_tells_bots_who_leaves(bot: Bot, olga: Account, boris: Account) -> None:
    change_people("suspend", [olga], suspended=True)
    remove_person(boris)

    events = WebhookEvent.objects.order_by("pk").values_list("event_type", "payload__user_ids")
    assert [kind for kind, _ in events] == ["company_member_suspend", "company_member_delete"]


def test_a_sync_that_was_stopped_counts_as_failed_with_its_reason(bot: Bot) -> None:
    know(many(10))
    Account.objects.people().delete()
    add_person("Anna Belova", "anna")
    background.list_services()
    row = Service.objects.create(name=services.NAME, started_at=timezone.now())
    assert not services.has_failed()

    with pytest.raises(TooManyBlocked) as stopped:
        run(sync_directory())
    claimed = Service.objects.claim(row.pk)
    assert claimed is not None
    background.runner.fail(claimed, stopped.value)

    row.refresh_from_db()
    assert services.has_failed()
    assert "would block 10 of 10 accounts" in row.error
    assert "sync_directory --dry-run" in row.error
