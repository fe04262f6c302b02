"""Every test states what it expects: a test without an assertion passes whatever happens."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

# Calls that fail a test when something is not as expected.
ASSERTING_CALLS = {"raises", "warns", "fail", "expect"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_every_test_asserts_something(pytestconfig: pytest.Config) -> None:
    paths = [settings.BASE_DIR / app for app in pytestconfig.getini("testpaths")]
    modules = [module for path in paths for module in path.rglob("tests/**/*.py")]
    functions = [pair for module in modules for pair in functions_of(module)]
    helpers = asserting_helpers([function for _, function in functions])

    silent = [
        f"{path}:{function.lineno} {function.name}"
        for path, function in functions
        if function.name.startswith("test_") and not asserts(function, helpers)
    ]

    assert silent == []


def functions_of(path: Path) -> Iterator[tuple[Path, Function]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield path.relative_to(settings.BASE_DIR), node


def asserting_helpers(functions: list[Function]) -> set[str]:
    """Return the names of the helpers that assert, themselves or by a helper that does."""
    helpers: set[str] = set()
    candidates = [it for it in functions if not it.name.startswith("test_")]
    while found := {it.name for it in candidates if asserts(it, helpers)} - helpers:
        helpers |= found
    return helpers


def asserts(function: Function, helpers: set[str]) -> bool:
    return any(is_assertion(node, helpers) for node in ast.walk(function))


def is_assertion(node: ast.AST, helpers: set[str]) -> bool:
    match node:
        case ast.Assert() | ast.Raise(exc=ast.Call(func=ast.Name(id="AssertionError"))):
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in ASSERTING_CALLS | helpers or name.startswith(("assert", "django_assert"))
    return False
