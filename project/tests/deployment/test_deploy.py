"""The image and the compose file hold together, as far as this can be seen without an engine."""

import json
import re
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery.bin.celery import celery
from click import Command, Context
from django.conf import settings
from django.core.management import get_commands
from jsonschema import Draft7Validator
from uvicorn.main import main as uvicorn

ROOT: Path = settings.BASE_DIR
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
# (instruction, the rest of its line), in order.
INSTRUCTIONS = re.findall(r"^([A-Z]+) +(.+)$", DOCKERFILE, re.MULTILINE)
LAST_STAGE = INSTRUCTIONS[max(i for i, (name, _) in enumerate(INSTRUCTIONS) if name == "FROM") :]


def options_of(command: Command, arguments: list[str]) -> list[str]:
    """Parse the options of `command` and return the rest. Raises for unknown options."""
    _, rest, _ = command.make_parser(Context(command)).parse_args(arguments)
    return rest


def parse(command: list[str]) -> None:
    """Let the program that `command` starts parse its arguments; it raises when they are wrong."""
    match command:
        case ["python", "manage.py", name, *_]:
            assert name in get_commands()
        case ["uvicorn", *arguments]:
            assert "project.asgi:application" in arguments
            assert options_of(uvicorn, arguments) == []
        case ["celery", *arguments]:
            name, *rest = options_of(celery, arguments)
            assert options_of(celery.commands[name], rest) == []
        case other:
            raise AssertionError(f"The test cannot parse {other}.")


def test_compose_follows_its_schema() -> None:
    package = distribution("check-jsonschema")
    path = package.locate_file("check_jsonschema/builtin_schemas/vendor/compose-spec.json")
    schema = json.loads(Path(str(path)).read_text())

    assert [error.message for error in Draft7Validator(schema).iter_errors(COMPOSE)] == []


@pytest.mark.parametrize("name", ["migrate", "worker", "beat"])
def test_the_command_of_each_service_parses(name: str) -> None:
    parse(SERVICES[name]["command"])


def test_the_command_of_the_image_parses() -> None:
    (command,) = (rest for name, rest in LAST_STAGE if name == "CMD")

    parse(json.loads(command))


@pytest.mark.parametrize("name", OURS)
def test_ours_run_with_as_few_rights_as_they_need(name: Any) -> None:
    service = SERVICES[name]

    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_starts_before_what_it_needs(name: str) -> None:
    assert SERVICES[name]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "redis": {"condition": "service_healthy"},
        "migrate": {"condition": "service_completed_successfully"},
    }


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_says_how_it_is_doing(name: Any) -> None:
    image_has_one = name == "web" and any(given == "HEALTHCHECK" for given, _ in LAST_STAGE)

    assert image_has_one or "healthcheck" in SERVICES[name]


def test_workers_can_be_many() -> None:
    assert not {"container_name", "ports", "hostname"} & SERVICES["worker"].keys()


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_images_are_pinned_and_data_has_a_volume(name: str) -> None:
    service = SERVICES[name]

    assert re.fullmatch(r"[a-z]+:\d+\.\d+[\w.-]*", service["image"])
    assert service["volumes"][0].split(":")[0] in COMPOSE["volumes"]
    assert "ports" not in service


def test_the_base_of_the_image_is_pinned() -> None:
    bases = [rest.split()[0] for name, rest in INSTRUCTIONS if name == "FROM"]

    assert {base for base in bases if ":" in base} == {"python:3.12.12-slim-bookworm"}


def test_the_image_does_not_run_as_root() -> None:
    names = [name for name, _ in LAST_STAGE]

    assert dict(LAST_STAGE)["USER"] not in ("root", "0")
    assert names.index("USER") < names.index("CMD")
    assert "RUN" not in names[names.index("USER") :]


def test_what_the_image_copies_exists() -> None:
    copies = [rest for name, rest in INSTRUCTIONS if name == "COPY" and "--from" not in rest]
    sources = {source for rest in copies for source in rest.split()[:-1]}
    included = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)

    assert {"requirements.txt", "."} <= sources
    assert [name for name in [*sources, *included] if not (ROOT / name).exists()] == []


def test_no_secret_is_kept_in_a_layer() -> None:
    included = "\n".join(rest for name, rest in INSTRUCTIONS if name in ("ENV", "ARG", "LABEL"))

    assert not re.search("SECRET|PASSWORD|TOKEN|REDIS_URL|DATABASE_URL", included)


def test_the_programs_are_called_in_exec_form() -> None:
    assert all(rest.startswith("[") for name, rest in LAST_STAGE if name in ("CMD", "ENTRYPOINT"))
    assert all(isinstance(one.get("command", []), list) for one in SERVICES.values())
