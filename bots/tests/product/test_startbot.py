"""`manage.py startbot` refuses what cannot become an app, before it writes anything."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django.fixtures import SettingsWrapper


def files_in(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


def test_the_app_has_a_place_for_everything(tmp_path: Path) -> None:
    call_command("startbot", "acme", str(tmp_path / "own bots"))

    assert files_in(tmp_path / "own bots") >= {
        "acme/__init__.py",
        "acme/handlers.py",
        "acme/services.py",
        "acme/events.py",
        "acme/settings.py",
        "acme/migrations/__init__.py",
        "acme/templates/acme/hello.md",
        "acme/locale/ru/LC_MESSAGES/django.po",
        "acme/locale/ru/LC_MESSAGES/django.mo",
        "tests/conftest.py",
        "tests/test_handlers.py",
        "pyproject.toml",
        "Dockerfile",
        ".dockerignore",
        ".gitignore",
        "Makefile",
        "README.md",
    }


def test_no_placeholder_is_left(tmp_path: Path) -> None:
    call_command("startbot", "acme", str(tmp_path / "acme"))

    for file in (tmp_path / "acme").rglob("*"):
        if file.is_file() and file.suffix != ".mo":
            text = file.read_text(encoding="utf-8")
            assert not any(word in text for word in ("app_name", "APP_NAME", "{{")), file


@pytest.mark.parametrize(
    "name", ["", "Acme", "1acme", "acme-bots", "acme.bots", "../acme", "акме", "class", "a b"]
)
def test_names_that_no_package_can_have_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be the name of an app"):
        call_command("startbot", name, str(tmp_path / "acme"))

    assert not (tmp_path / "acme").exists()


@pytest.mark.parametrize("name", ["bots", "json", "django"])
def test_names_of_modules_that_exist_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="already a module named"):
        call_command("startbot", name, str(tmp_path / "acme"))


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(CommandError, match="is not empty"):
        call_command("startbot", "acme", str(tmp_path))

    assert files_in(tmp_path) == {"notes.txt"}


def test_the_directory_of_svyaz_is_refused(settings: SettingsWrapper) -> None:
    inside = settings.BASE_DIR / "acme"

    with pytest.raises(CommandError, match="inside Svyaz"):
        call_command("startbot", "acme", str(inside))

    assert not inside.exists()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CommandError, match="Cannot create"):
        call_command("startbot", "acme", str(tmp_path / "file" / "acme"))
