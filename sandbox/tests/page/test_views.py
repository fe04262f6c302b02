import re
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import SettingsWrapper

from sandbox.models import Account
from sandbox.page.texts import TEXTS
from sandbox.page.views import MODULES
from twitter.models import User

SCRIPTS = Path(__file__).resolve().parents[2] / "static" / "sandbox"
SAID = re.compile(r"""\bt\(\s*"(\w+)""")


def own_scripts() -> list[Path]:
    return [it for it in SCRIPTS.rglob("*.js") if "vendor" not in it.parts]


def test_strangers_are_asked_to_sign_in_first(client: Client, ann: Account) -> None:
    response = client.get("/sandbox/")

    assert response.status_code == 302
    assert response["Location"].endswith("?next=/sandbox/")
    assert ann.token not in response.content.decode()


def test_staff_may_be_anyone(admin_client: Client, ann: Account, bot: Account) -> None:
    page = admin_client.get("/sandbox/").content.decode()

    assert ann.token in page
    assert bot.token not in page
    assert bot.signing_secret not in page


def test_in_development_everybody_may(
    client: Client, ann: Account, settings: SettingsWrapper
) -> None:
    settings.DEBUG = True

    assert client.get("/sandbox/").status_code == 200


def test_the_page_needs_neither_inline_scripts_nor_inline_styles(
    admin_client: Client, db: None
) -> None:
    page = admin_client.get("/sandbox/").content.decode()

    assert re.findall(r"<script(?![^>]*(?:src=|application/json))", page) == []
    assert re.findall(r"\s(?:style|on\w+)=", page) == []


def test_every_text_that_the_scripts_say_is_handed_over() -> None:
    scripts = "\n".join(path.read_text() for path in own_scripts())

    assert set(SAID.findall(scripts)) <= set(TEXTS)


@pytest.mark.parametrize("group", ["webhook", "api"])
def test_every_fault_is_explained(group: str) -> None:
    faults = re.search(
        rf'group: "{group}", faults: \[(.*?)\]', (SCRIPTS / "panel" / "faults.js").read_text()
    )

    assert faults is not None
    for name in re.findall(r'"(\w+)"', faults[1]):
        assert {f"fault_{name}", f"fault_{group}_{name}_about"} <= set(TEXTS)


def test_every_module_is_announced_in_the_head() -> None:
    modules = {str(it.relative_to(SCRIPTS).with_suffix("")) for it in own_scripts()}
    preloaded = modules - {"consent", "early", "page"}  # consent.js is of another page

    assert preloaded | {"vendor/markdown-it/markdown-it"} == set(MODULES)


def test_staff_is_known_by_the_project_wide_account(client: Client, db: None, ann: Account) -> None:
    client.force_login(User.objects.create_user("plain", password="x"))

    assert client.get("/sandbox/").status_code == 302
