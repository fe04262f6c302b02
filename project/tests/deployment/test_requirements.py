"""The lock files have every package that is asked for, once and with its hashes."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Path = settings.BASE_DIR
PAIRS = [("requirements.in", "requirements.txt"), ("requirements-dev.in", "requirements-dev.txt")]


def asked(name: str) -> Iterator[Requirement]:
    """Yield what an .in file asks for, with the files that it includes."""
    for line in (ROOT / name).read_text().splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("-r "):
            yield from asked(line.removeprefix("-r ").strip())
        elif line and not line.startswith("-"):
            yield Requirement(line)


def locked(name: str) -> Iterator[tuple[Requirement, list[str]]]:
    """Yield what a lock file has, with the hashes."""
    for line in (ROOT / name).read_text().replace("\\\n", " ").splitlines():
        if line and not line.startswith("#"):
            requirement, *hashes = re.split(r"\s+--hash=", line.strip())
            yield Requirement(requirement), hashes


def names(name: str) -> set[str]:
    return {canonicalize_name(it.name) for it, _ in locked(name)}


@pytest.mark.parametrize(("source", "lock"), PAIRS)
def test_every_package_is_locked_in_the_version_that_is_asked_for(source: Any, lock: Any) -> None:
    versions = {(canonicalize_name(it.name), str(it.specifier)) for it, _ in locked(lock)}

    missing = {(canonicalize_name(it.name), str(it.specifier)) for it in asked(source)} - versions

    assert missing == set()


@pytest.mark.parametrize(("source", "lock"), PAIRS)
def test_every_locked_package_has_one_version_and_hashes(source: Any, lock: Any) -> None:
    for requirement, hashes in locked(lock):
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", it) for it in hashes), requirement


@pytest.mark.parametrize(("source", "lock"), PAIRS)
def test_no_package_is_asked_for_twice(source: Any, lock: Any) -> None:
    requirements = [canonicalize_name(it.name) for it in asked(source)]

    assert len(requirements) == len(set(requirements))


@pytest.mark.parametrize(("source", "lock"), PAIRS)
def test_whatever_a_locked_package_needs_is_locked_too(source: Any, lock: Any) -> None:
    extras: dict[str, set[str]] = {canonicalize_name(it.name): it.extras for it in asked(source)}
    needed = set()
    for name in names(lock):
        try:
            requirements = map(Requirement, requires(name) or ())
        except PackageNotFoundError:
            continue  # for another Python or system
        for one in requirements:
            kinds = [{"extra": extra} for extra in extras.get(name, ())] or [{"extra": ""}]
            if one.marker is None or any(one.marker.evaluate(kind) for kind in kinds):
                needed.add(canonicalize_name(one.name))

    assert needed - names(lock) == set()


def test_the_lock_of_development_has_the_versions_of_production() -> None:
    production = {canonicalize_name(it.name): it.specifier for it, _ in locked("requirements.txt")}
    development = {
        canonicalize_name(it.name): it.specifier for it, _ in locked("requirements-dev.txt")
    }

    assert {name: development.get(name) for name in production} == production


def test_what_is_installed_is_what_is_locked() -> None:
    for requirement, _ in locked("requirements.txt"):
        if requirement.marker is None or requirement.marker.evaluate():
            assert requirement.specifier.contains(version(requirement.name)), requirement
