import importlib
import sys

import pytest

from realtime.actions import look_again
from realtime.moved import MOVED


@pytest.mark.parametrize(("former", "present"), MOVED.items())
def test_a_former_path_is_the_moved_module_with_a_warning(
    former: str, present: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, former, raising=False)

    with pytest.warns(DeprecationWarning, match=f"{former} has moved to {present}"):
        module = importlib.import_module(former)

    assert module is importlib.import_module(present)


@pytest.mark.django_db
def test_the_former_name_of_revalidate_works_with_a_warning() -> None:
    with pytest.warns(DeprecationWarning, match="renamed to revalidate"):
        look_again(7)
