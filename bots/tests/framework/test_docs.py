"""What the documentation shows does run."""

import re
from pathlib import Path
from typing import Any

import pytest

from bots.framework.routing.router import Dispatcher, Router
from bots.framework.routing.signatures import mistakes
from bots.testing import bot_client as bot_client

DOCS = Path(__file__).parents[3] / "docs"
PAGES = [DOCS / "handlers.md", *sorted((DOCS / "bots").glob("*.md"))]
CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


TESTING = DOCS / "bots" / "testing.md"
TESTS = re.findall(r"^def (test_\w+)", TESTING.read_text(encoding="utf-8"), re.MULTILINE)


def shown_on(page: Path) -> dict[str, Any]:
    """Return what the code of the page makes."""
    shown: dict[str, Any] = {"__name__": f"docs_{page.stem}"}
    for code in CODE.findall(page.read_text(encoding="utf-8")):
        exec(compile(code, str(page), "exec"), shown)  # noqa: S102  our own documentation
    return shown


@pytest.mark.parametrize("test", TESTS)
def test_the_tests_that_are_shown_pass_with_the_handlers_that_are_shown(
    bot_client: Any, router: Any, test: Any
) -> None:
    pages = [shown_on(DOCS / "bots" / f"{name}.md") for name in ("forms", "conversations")]
    testing = shown_on(TESTING)
    router.include_routers(*(page["router"] for page in (*pages, testing)))

    assert testing[test](bot_client) is None, "the test is asynchronous, and has not run"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_of_a_page_runs_and_its_handlers_name_what_there_is(page: Any) -> None:
    shown = shown_on(page)

    for made in shown.values():
        if isinstance(made, Router):
            declared = made.declared if isinstance(made, Dispatcher) else {"price_list"}
            assert list(mistakes(made, declared)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_links_of_a_page_lead_somewhere(page: Any) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [it for it in targets if not (page.parent / it).exists()] == []
