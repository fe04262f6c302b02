import sys
from pathlib import Path

import pytest

from core.lazy import LazyModule


def test_a_lazy_module_is_loaded_by_its_first_use(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "heavy.py").write_text("weight = 7")
    monkeypatch.syspath_prepend(tmp_path)

    heavy = LazyModule("heavy")

    assert "heavy" not in sys.modules
    assert heavy.weight == 7
    assert "heavy" in sys.modules
    monkeypatch.delitem(sys.modules, "heavy")


def test_what_a_lazy_module_lacks_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="json"):
        LazyModule("json").no_such_name  # noqa: B018
