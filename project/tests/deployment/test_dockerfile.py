"""The image can be built and its processes start, as far as this can be seen without an engine."""

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from django.conf import settings

from core.tests.ports import free_port
from project.tests.conftest import wait_for
from project.tests.deployment.containers import (
    Container,
    bytecode_cache,
    python_for,
    shared_servers,
    unprivileged_user,
    use_installed_packages,
)
from project.tests.deployment.dockerfiles import DockerIgnore, Stage, stages

ROOT: Path = settings.BASE_DIR
IGNORE = DockerIgnore((ROOT / ".dockerignore").read_text())
HTTPS = {"host": "svyaz.example", "x-forwarded-proto": "https"}
STAGES = {it.name: it for it in stages((ROOT / "Dockerfile").read_text())}


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def is_test(path: str) -> bool:
    return "tests" in Path(path).parts


def imported_by(path: str) -> Iterator[str]:
    """Yield the top-level modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        match node:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]


@pytest.mark.parametrize(
    ("patterns", "ignored", "included"),
    [
        ("*", ["a", "a/b/c"], []),
        ("*\n!a", ["b", "b/a"], ["a", "a/b/c"]),
        ("*\n!a\n**/tests", ["a/tests", "a/b/tests/c.py"], ["a/tests.py", "a/b"]),
        ("**/*.pyc", ["a.pyc", "a/b.pyc"], ["a.py"]),
        ("**/.env*", [".env", "a/.env.local"], ["a/env"]),
        ("a/*", ["a/b", "a/b/c"], ["a", "b/a"]),
        ("a/**", ["a/b", "a/b/c"], ["b"]),
        ("/a/", ["a", "a/b"], ["b/a"]),
        ("a?c", ["abc"], ["ac", "a/c"]),
        ("# comment\n!a\na", ["a"], ["# comment"]),
        ("a\n!a/b\na/b/c", ["a/d", "a/b/c"], ["a/b", "a/b/d"]),
        ("[ab].py", ["a.py", "b.py"], ["c.py"]),
    ],
)
def test_dockerignore_is_read_as_docker_reads_it(
    patterns: str, ignored: Any, included: Any
) -> None:
    rules = DockerIgnore(patterns)

    assert [path for path in ignored if not rules.ignores(path)] == []
    assert [path for path in included if rules.ignores(path)] == []


def test_every_package_that_the_site_imports_is_in_the_image() -> None:
    """Also those that are no installed app, as jobs; manage.py does without the launcher."""
    sent = [path for path in tracked() if not IGNORE.ignores(path) and path != "manage.py"]
    ours = {Path(path).parts[0].removesuffix(".py") for path in tracked() if path.endswith(".py")}

    imported = {name for path in sent if path.endswith(".py") for name in imported_by(path)}
    present = {Path(path).parts[0].removesuffix(".py") for path in sent}

    assert "jobs" in imported
    assert (imported & ours) - present == set()


def test_the_image_has_every_file_of_its_packages_but_tests_and_no_secrets() -> None:
    packages = {Path(path).parts[0] for path in tracked() if not IGNORE.ignores(path)}
    inside = [path for path in tracked() if Path(path).parts[0] in packages]

    assert [path for path in inside if IGNORE.ignores(path) != is_test(path)] == []
    assert all(map(IGNORE.ignores, (".env", "bots/.env", ".git/config", "var/secret_key")))


def test_packages_are_installed_with_hashes() -> None:
    (command,) = (rest for _, rest in STAGES["packages"].steps if "pip install" in rest)

    assert {"--require-hashes", "--only-binary=:all:"} <= set(command.split())


class Build:
    """Carries out a Dockerfile's instructions, each stage in a directory of its own.

    What an image has at /opt and /srv is below that directory. Three things are not done as
    written: packages are taken from the running environment after pip has confirmed that it has
    all of them, no account is created, and RHVoice is copied where it has been fetched already.
    """

    def __init__(self, place: Path, python: Path, uid: int) -> None:
        self._place, self._python, self.uid = place, python, uid
        self._reset_to(place)

    def root(self, stage: str) -> Path:
        return self._place / (stage or "image")

    def run_all(self) -> None:
        for stage in STAGES.values():
            self._start(stage)
            for instruction, rest in stage.steps:
                if handle := getattr(self, f"_{instruction.lower()}", None):
                    handle(stage, self._mapped(stage, rest))

    def _mapped(self, stage: Stage, text: str) -> str:
        return re.sub(r"(?<![\w/.])/(?=(opt|srv)/)", f"{self.root(stage.name)}/", text)

    def _start(self, stage: Stage) -> None:
        root = self.root(stage.name)
        if stage.base in STAGES:
            shutil.copytree(self.root(stage.base), root, symlinks=True)
        root.mkdir(exist_ok=True)
        self._reset_to(root)

    def _reset_to(self, workdir: Path) -> None:
        libraries = str(self._python.parent.parent / "lib")  # of a Python that is a copy
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "LD_LIBRARY_PATH": libraries,
        }
        self.workdir = workdir

    def _env(self, stage: Stage, rest: str) -> None:
        for name, value in (one.split("=", 1) for one in shlex.split(rest)):
            self.environment[name] = value.replace("$PATH", self.environment["PATH"])

    def _workdir(self, stage: Stage, rest: str) -> None:
        self.workdir = Path(rest)
        self.workdir.mkdir(parents=True, exist_ok=True)

    def _copy(self, stage: Stage, rest: str) -> None:
        *sources, target = rest.split()
        if sources[0].startswith("--from="):
            other = sources.pop(0).removeprefix("--from=")
            for source in sources:
                inside = Path(source).relative_to(self.root(stage.name))
                shutil.copytree(self.root(other) / inside, target, symlinks=True)
            return
        for source in sources:
            self._copy_from_context(source, self.workdir / target)

    def _copy_from_context(self, source: str, target: Path) -> None:
        if source == ".":
            IGNORE.copy(ROOT, target)
            return
        assert not IGNORE.ignores(source), f"{source} is not sent to Docker"
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / source, target)

    def _run(self, stage: Stage, command: str) -> None:
        if "pip install" in command:
            pip, arguments = command.split(" ", 1)
            use_installed_packages(Path(pip).parent.parent, arguments, self.workdir)
        elif "useradd" in command:
            for folder in shlex.split(command.partition("install -d")[2]):
                if folder.startswith("/"):
                    Path(folder).mkdir(parents=True, exist_ok=True)
                    os.chown(folder, self.uid, -1)
        else:
            if "tts.native.fetch" in command and settings.RHVOICE_DIR.exists():
                shutil.copytree(settings.RHVOICE_DIR, command.split()[-1])
            command = re.sub(r"^python\b", str(self._python), command)
            self._shell(command)

    def _shell(self, command: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.workdir,
            env=self.environment | {name: v for name, v in os.environ.items() if "PIP" in name},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture
def image() -> Iterator[Build]:
    """The built image, with read-only code."""
    uid = unprivileged_user()
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        Path(folder).chmod(0o755)
        build = Build(Path(folder), python_for(uid, Path(folder) / "python"), uid)
        build.run_all()
        code = build.root("") / "srv/svyaz"
        subprocess.run(["chmod", "-R", "a+rX,a-w", code, build.root("") / "opt"], check=True)
        yield build
        subprocess.run(["chmod", "-R", "u+w", code, build.root("") / "opt"], check=True)


@pytest.fixture
def servers() -> Iterator[dict[str, str]]:
    with shared_servers() as (cluster, redis_url):
        yield {"DATABASE_URL": cluster.url, "REDIS_URL": redis_url}


@pytest.mark.slow
def test_the_image_is_built_and_web_worker_and_beat_start_without_privileges(
    image: Any, servers: Any
) -> None:
    root, port = image.root(""), free_port()
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    own = {"SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "svyaz.example", "UVICORN_PORT": str(port)}
    own["BEHIND_PROXY"] = "1"
    own |= bytecode_cache(root)
    container = Container(root, image.environment | servers | own, image.uid)

    try:
        assert container.start(services["migrate"]["command"]).wait(120) == 0, container.log()
        container.start(json.loads(STAGES[""].last("CMD")))
        container.start(services["worker"]["command"])
        container.start(services["beat"]["command"])
        ready = f"http://127.0.0.1:{port}/health/ready"
        answer = wait_for(lambda: httpx.get(ready, timeout=5).raise_for_status(), within=90)
        styles = next((root / "srv/var/static/site").glob("*.css")).name
        page = httpx.get(f"http://127.0.0.1:{port}/static/site/{styles}", headers=HTTPS)
        (done,) = container.ended()
        users = container.users()
    finally:
        container.stop()

    assert answer.json()["status"] == "ok"
    assert "migrate" in str(done)
    assert users == {image.uid}
    assert page.status_code == 200
    assert [it for it in ("Traceback", "Permission denied") if it in container.log()] == []
