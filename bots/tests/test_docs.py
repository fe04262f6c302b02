"""What the documentation shows does run."""

import re
from pathlib import Path

import pytest

from bots.router import Dispatcher, Router
from bots.signatures import check

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [DOCS / "handlers.md", *sorted((DOCS / "bots").glob("*.md"))]
CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_of_a_page_runs_and_its_handlers_name_what_there_is(page):
    shown: dict[str, object] = {"__name__": f"docs_{page.stem}"}

    for code in CODE.findall(page.read_text(encoding="utf-8")):
        exec(compile(code, str(page), "exec"), shown)  # noqa: S102  our own documentation

    for made in shown.values():
        if isinstance(made, Router):
            check(made, made.declared if isinstance(made, Dispatcher) else {"price_list"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_links_of_a_page_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [it for it in targets if not (page.parent / it).exists()] == []
