import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, SettingsWrapper

from bots.accounts.linking import MAX_WRONG_CODES, TooManyTries, WrongCode, spend_code
from bots.framework.routing.router import Command as Called
from bots.models import Bot, LinkCode, PachcaAccount, Update
from bots.runtime import dispatch
from bots.tests.conftest import answers, message_event, run
from twitter.models import User

VERA = 12


@pytest.fixture(autouse=True)
def _no_tries_yet() -> None:
    cache.clear()


@pytest.fixture
def vera(db: Any) -> User:
    return User.objects.create_user("vera", name="Вера")


def test_a_code_links_whoever_sends_it(bot: Any, vera: Any) -> None:
    code, _ = LinkCode.objects.make(vera)

    spend_code(bot, VERA, code)

    assert PachcaAccount.objects.person_of(bot, VERA) == vera


def test_a_code_may_be_written_as_people_write(bot: Any, vera: Any) -> None:
    code, _ = LinkCode.objects.make(vera)

    account = spend_code(bot, VERA, f" {code[:4].lower()} {code[4:]} ")

    assert account.person == vera


def test_a_code_outlives_a_change_of_the_secret_key(
    bot: Any, vera: Any, settings: SettingsWrapper
) -> None:
    code, _ = LinkCode.objects.make(vera)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"

    assert spend_code(bot, VERA, code).person == vera


def test_a_code_works_once(bot: Any, vera: Any) -> None:
    code, _ = LinkCode.objects.make(vera)
    spend_code(bot, VERA, code)

    with pytest.raises(WrongCode):
        spend_code(bot, 13, code)


def test_a_new_code_ends_the_one_before(bot: Any, vera: Any) -> None:
    before, _ = LinkCode.objects.make(vera)
    LinkCode.objects.make(vera)

    with pytest.raises(WrongCode):
        spend_code(bot, VERA, before)


def test_a_code_ends_by_itself(bot: Any, vera: Any) -> None:
    code, _ = LinkCode.objects.make(vera)
    LinkCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(WrongCode):
        spend_code(bot, VERA, code)


def test_a_code_is_not_kept(vera: Any) -> None:
    code, _ = LinkCode.objects.make(vera)

    assert code not in str(LinkCode.objects.values())


def test_after_five_wrong_codes_even_the_right_one_is_refused(bot: Any, vera: Any) -> None:
    code, _ = LinkCode.objects.make(vera)
    for _try in range(MAX_WRONG_CODES):
        with pytest.raises(WrongCode):
            spend_code(bot, VERA, "WRONG")

    with pytest.raises(TooManyTries):
        spend_code(bot, VERA, code)
    assert spend_code(bot, 13, code).person == vera


def test_the_sandbox_and_pachca_have_people_of_their_own(bot: Any, vera: Any) -> None:
    PachcaAccount.objects.link(vera, VERA, in_sandbox=True)

    assert PachcaAccount.objects.person_of(bot, VERA) is None
    assert PachcaAccount.objects.person_of(Bot(in_sandbox=True), VERA) == vera


def test_someone_blocked_is_nobody_to_bots(bot: Any, vera: Any) -> None:
    PachcaAccount.objects.link(vera, VERA, in_sandbox=False)
    User.objects.update(is_active=False)

    assert PachcaAccount.objects.person_of(bot, VERA) is None


def test_an_account_that_is_linked_again_changes_hands(bot: Any, vera: Any) -> None:
    gleb = User.objects.create_user("gleb")
    PachcaAccount.objects.link(vera, VERA, in_sandbox=False)

    PachcaAccount.objects.link(gleb, VERA, in_sandbox=False)

    assert PachcaAccount.objects.person_of(bot, VERA) == gleb


def test_the_page_shows_a_code_that_works(client: Any, bot: Any, vera: Any) -> None:
    client.force_login(vera)

    page = client.post("/bots/link/")

    assert spend_code(bot, VERA, page.context["code"]).person == vera
    assert page["Cache-Control"].startswith("max-age=0")


def test_people_disconnect_their_own_accounts_alone(client: Any, vera: Any) -> None:
    gleb = User.objects.create_user("gleb")
    hers = PachcaAccount.objects.link(vera, 1, in_sandbox=False)
    his = PachcaAccount.objects.link(gleb, 2, in_sandbox=False)
    client.force_login(vera)

    for account in (hers, his):
        client.post(f"/bots/link/{account.pk}/remove")

    assert list(PachcaAccount.objects.all()) == [his]


def test_strangers_are_asked_to_sign_in(client: Any, db: Any) -> None:
    assert client.get("/bots/link/").status_code == 302


def test_the_page_is_drawn_in_a_fixed_number_of_queries(
    client: Any, vera: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    PachcaAccount.objects.bulk_create(
        PachcaAccount(person=vera, pachca_user_id=n) for n in range(5)
    )
    client.force_login(vera)

    with django_assert_num_queries(4):  # session, person, accounts, unread
        client.get("/bots/link/")


def test_the_bot_links_whoever_sends_it_a_code(bot: Any, vera: Any) -> None:
    code, _ = LinkCode.objects.make(vera)
    event = message_event(f"/link {code}", user_id=VERA)
    update = Update.objects.create(bot=bot, key="1", kind="message.new", raw=json.dumps(event))

    run(dispatch.handle(update.pk))

    assert PachcaAccount.objects.person_of(bot, VERA) == vera
    assert "Вера" in answers()[0]


def test_a_handler_may_name_the_person_who_wrote(bot: Any, vera: Any, router: Any) -> None:
    @router.message(Called("who"))
    def who(user: User | None) -> str:
        return user.name if user else "nobody"

    PachcaAccount.objects.link(vera, VERA, in_sandbox=False)
    for number, pachca_user in enumerate((VERA, 13)):
        event = message_event("/who", user_id=pachca_user)
        raw = json.dumps(event)
        update = Update.objects.create(bot=bot, key=str(number), kind="message.new", raw=raw)
        run(dispatch.handle(update.pk))

    assert answers() == ["Вера", "nobody"]
