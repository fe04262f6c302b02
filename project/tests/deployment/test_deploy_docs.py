"""Every command and configuration in docs/deploy.md works; the Russian page has the same."""

import configparser
import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import yaml
from celery.bin.celery import celery
from django.conf import settings
from django.core.management import get_commands
from markdown_it import MarkdownIt
from uvicorn.main import main as uvicorn

from core.tests.ports import free_port
from launcher import programs
from launcher.processes import Claim
from project.health import PARTS
from project.tests.conftest import wait_for
from project.tests.deployment.containers import (
    Container,
    as_user,
    bytecode_cache,
    python_for,
    shared_servers,
    unprivileged_user,
    use_installed_packages,
)
from project.tests.deployment.test_deploy import options_of
from project.tests.deployment.test_dockerfile import tracked
from project.tests.faults.clusters import Cluster, binaries

ROOT: Path = settings.BASE_DIR
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
KINDS = ("sh compose", "sh root", "sh svyaz", "sh env", "ini", "nginx", "caddyfile", "json")


@dataclass(frozen=True)
class Block:
    kind: str
    text: str

    @property
    def unit(self) -> str:
        return Path(self.kind.partition(" ")[2]).name

    def without_comments(self) -> list[str]:
        lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in self.text.splitlines())
        return [line for line in lines if line]


def blocks_of(page: str) -> list[Block]:
    tokens = MarkdownIt().parse((ROOT / "docs" / page).read_text())
    return [Block(it.info, it.content) for it in tokens if it.type in ("fence", "code_block")]


BLOCKS = blocks_of("deploy.md")


def blocks(kind: str) -> list[Block]:
    return [it for it in BLOCKS if it.kind.startswith(kind)]


UNITS = {it.unit: it.text for it in blocks("ini")}


def program(name: str) -> str:
    """Return where a program is. Without it the test is skipped, but never in CI."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin")
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(f"in CI {name} must be installed")
    if found is None:
        pytest.skip(f"there is no {name} on this machine")
    return found


def commands(block: Block) -> Iterator[list[str]]:
    """Yield the commands of a block as words: what && and | join are several."""
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        current: list[str] = []
        for word in words:
            if word in ("&&", "|", ">", "<"):
                yield current
                current = []
            else:
                current.append(word)
        if current:
            yield current


def exec_start(unit: str, instance: str = "1") -> list[str]:
    """Return a unit's command as systemd would start it."""
    joined = re.sub(r"\\\n\s*", "", UNITS[unit])
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as systemd, keep the case
    parser.read_string(joined)
    command = parser["Service"]["ExecStart"].replace("%%", "\0").replace("%i", instance)
    return shlex.split(command.replace("\0", "%"))


def test_every_block_is_of_a_kind_that_is_executed_here() -> None:
    assert [it for it in BLOCKS if not it.kind.startswith(KINDS)] == []
    assert [kind for kind in KINDS if not blocks(kind)] == []


def test_both_languages_have_the_same_blocks() -> None:
    english, russian = (
        [(it.kind, it.without_comments()) for it in blocks_of(page)]
        for page in ("deploy.md", "deploy.ru.md")
    )

    assert russian == english


def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    nginx = program("nginx")
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    files = ["-keyout", str(key), "-out", str(certificate)]
    subject = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=svyaz"]
    subprocess.run([program("openssl"), "req", *subject, *files], check=True, capture_output=True)
    (block,) = blocks("nginx")
    site = block.text.replace("/etc/ssl/svyaz", str(tmp_path))
    site = re.sub(r"(?<=listen )(80|443)\b", lambda _found: str(free_port()), site)
    own = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {site} }}"
    (tmp_path / "nginx.conf").write_text(own)

    tested = subprocess.run(
        [nginx, "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True
    )

    assert tested.returncode == 0, tested.stderr
    assert "[warn]" not in tested.stderr or "user" in tested.stderr


@pytest.mark.parametrize("step", ["adapt", "validate"])
def test_caddy_accepts_its_configuration(tmp_path: Path, step: str) -> None:
    (block,) = blocks("caddyfile")
    (tmp_path / "Caddyfile").write_text(block.text)
    homes = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    command = [program("caddy"), step, "--config", str(tmp_path / "Caddyfile")]

    tested = subprocess.run(
        [*command, "--adapter", "caddyfile"], env=homes, capture_output=True, text=True
    )

    assert tested.returncode == 0, tested.stderr


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_accepts_its_units(tmp_path: Path, unit: Any) -> None:
    for name in ("uvicorn", "celery", "python"):
        (tmp_path / ".venv/bin").mkdir(parents=True, exist_ok=True)
        (tmp_path / ".venv/bin" / name).touch(0o755)
    for name, text in UNITS.items():
        (tmp_path / name).write_text(text.replace("/srv/svyaz", str(tmp_path)))
    instance = unit.replace("@.", "@1.")

    tested = subprocess.run(
        [program("systemd-analyze"), "verify", "--man=no", str(tmp_path / instance)],
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )

    ours = [line for line in tested.stderr.splitlines() if "svyaz" in line or str(tmp_path) in line]
    assert ours == []


def test_units_start_the_web_server_as_manage_py_up_does(tmp_path: Path) -> None:
    words = exec_start("svyaz-web.service")
    theirs = list(programs.web("127.0.0.1", 8000, Claim(tmp_path / "claim")).command)

    assert options_of(uvicorn, words[1:]) == []
    for option in ("--ws", "--ws-max-size", "--ws-per-message-deflate"):
        assert words[words.index(option) + 1] == theirs[theirs.index(option) + 1]


def test_the_web_unit_checks_its_settings_before_uvicorn_starts() -> None:
    """With several processes uvicorn restarts those that end, however often they fail."""
    unit = UNITS["svyaz-web.service"]

    assert "ExecStartPre=/srv/svyaz/.venv/bin/python manage.py check\n" in unit
    assert unit.index("ExecStartPre=") < unit.index("ExecStart=")


def test_two_worker_units_have_two_node_names() -> None:
    names = set()
    for instance in "12":
        words = exec_start("svyaz-worker@.service", instance)
        name, *rest = options_of(celery, words[1:])
        assert options_of(celery.commands[name], rest) == []
        names.add(words[words.index("--hostname") + 1])

    assert names == {"worker1@%h", "worker2@%h"}


def test_compose_commands_name_services_and_programs_that_exist() -> None:
    checked = 0
    for block in blocks("sh compose"):
        for words in commands(block):
            match [word for word in words if not word.startswith("-")]:
                case ["docker", "compose", "exec" | "run", service, *rest]:
                    assert service in SERVICES
                    assert rest[:2] != ["python", "manage.py"] or rest[2] in get_commands()
                case ["docker", "compose", "up", *rest]:
                    assert {scaled.partition("=")[0] for scaled in rest} <= set(SERVICES)
                case ["docker", "compose", "logs", *services]:
                    assert set(services) <= set(SERVICES)
                case ["git" | "cp" | "chmod" | "cd" | "grep" | "svyaz.dump" | "media.tar", *_]:
                    continue
                case other:
                    raise AssertionError(f"The test cannot check {other}.")
            checked += 1

    assert checked >= 8


def test_the_archive_commands_restore_what_they_saved(tmp_path: Path) -> None:
    (save,) = (it for it in blocks("sh compose") if "pg_dump" in it.text)
    (restore,) = (it for it in blocks("sh compose") if "pg_restore" in it.text)
    media = tmp_path / "srv/var/media"
    media.mkdir(parents=True)
    (media / "cat.png").write_bytes(b"cat")

    def tar_of(block: Block) -> str:
        (line,) = (it for it in block.text.splitlines() if "tar -C" in it)
        return line[line.index("tar -C") :].replace("/srv/var", str(media.parent))

    subprocess.run(tar_of(save), shell=True, cwd=tmp_path, check=True)  # noqa: S602  the docs' line
    shutil.rmtree(media)
    subprocess.run(tar_of(restore), shell=True, cwd=tmp_path, check=True)  # noqa: S602  the same

    assert (media / "cat.png").read_bytes() == b"cat"


def test_the_answer_of_ready_names_the_parts_that_there_are() -> None:
    (block,) = blocks("json")

    assert list(json.loads(block.text)["parts"]) == [part.name for part in PARTS]


class Machine:
    """A directory that stands for a machine on which the page's commands are carried out."""

    def __init__(self, place: Path, cluster: Cluster, redis_url: str) -> None:
        self.place, self.cluster, self.redis_url = place, cluster, redis_url
        self.uid = unprivileged_user()
        self.venv = place / "srv/svyaz/.venv"
        for folder in ("srv", "etc", "var/lib"):
            (place / folder).mkdir(parents=True)
        python = python_for(self.uid, place / "python")
        self.path = f"{python.parent}:{os.environ['PATH']}"
        self.libraries = {"LD_LIBRARY_PATH": str(python.parent.parent / "lib")}
        self.libraries |= bytecode_cache(place)

    def mapped(self, text: str) -> str:
        return re.sub(r"(?<![\w/.])/(srv/svyaz|etc/svyaz|var/lib/svyaz)", rf"{self.place}/\1", text)

    def as_root(self, block: Block) -> None:
        for words in commands(block):
            words = [self.mapped(word) for word in words]
            match words:
                case ["apt-get", "install", "--yes", *packages]:
                    known = subprocess.run(["apt-cache", "show", *packages], capture_output=True)
                    assert known.returncode == 0 or not shutil.which("apt-cache"), known.stderr
                case ["adduser", *options]:
                    assert f"User={options[-1]}\n" in UNITS["svyaz-web.service"]
                case ["runuser", "-u", "postgres", "--", tool, *arguments]:
                    self._on_cluster(tool, arguments)
                case ["git", "clone", _, target]:
                    self._clone(Path(target))
                case ["install", *arguments]:
                    self._install(arguments)
                case ["systemctl", *arguments]:
                    named = [it for it in arguments if it.startswith("svyaz")]
                    units = {re.sub("@.*", "@", it) + ".service" for it in named}
                    assert units <= UNITS.keys()
                case other:
                    raise AssertionError(f"The test cannot run {other}.")

    def _on_cluster(self, tool: str, arguments: list[str]) -> None:
        server = {"PGHOST": "127.0.0.1", "PGPORT": str(self.cluster.port), "PGUSER": "postgres"}
        subprocess.run([binaries() / tool, *arguments], env=server, check=True)

    def _clone(self, target: Path) -> None:
        for name in tracked():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)

    def _install(self, arguments: list[str]) -> None:
        """Carry out `install`; only root can give files to others."""
        given = " ".join(arguments)
        for option, name in re.findall(r"-([og]) (\w+)", given):
            number = {"svyaz": self.uid, "root": 0}[name] if not os.getuid() else os.getuid()
            given = given.replace(f"-{option} {name}", f"-{option} {number}", 1)
        subprocess.run(["install", *given.split()], check=True)

    def fill(self, block: Block) -> dict[str, str]:
        """Write the environment file, with a key and the addresses of the test's servers."""
        text = self.mapped(block.text)
        text = text.replace("SECRET_KEY=\n", f"SECRET_KEY={secrets.token_urlsafe(60)}\n")
        socket = f"{quote(str(self.cluster.data), safe='')}:{self.cluster.port}/"
        text = text.replace("%2Frun%2Fpostgresql/", socket)
        text = text.replace("redis://127.0.0.1:6379/0", self.redis_url)
        file = self.place / "etc/svyaz.env"
        with file.open("w") as env:
            env.write(text)
        return dict(line.split("=", 1) for line in text.splitlines())

    def as_svyaz(self, block: Block) -> str:
        """Run a script as the unprivileged user; its step with pip is taken out and done apart."""
        script = self.mapped(block.text).replace("createsuperuser", "createsuperuser --noinput")
        before, *parts = re.split(r"^\S+/pip (.*)\n", script, flags=re.MULTILINE)
        if not parts:
            return self._shell(before)
        self._shell(before)
        use_installed_packages(self.venv, parts[0], self.place / "srv/svyaz")
        return self._shell(re.sub(r"^python3 -m venv.*\n", "", before, flags=re.M) + parts[1])

    def _shell(self, script: str) -> str:
        superuser = {"USERNAME": "ann", "EMAIL": "ann@example.com", "PASSWORD": "Kx3-9vQ_pL7w"}
        own = {f"DJANGO_SUPERUSER_{name}": value for name, value in superuser.items()}
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", script],
            env={"PATH": self.path, "HOME": "/nonexistent", **self.libraries, **own},
            capture_output=True,
            text=True,
            **as_user(self.uid),
            cwd="/",
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        output: str = done.stdout + done.stderr
        return output


@pytest.fixture
def machine() -> Iterator[Machine]:
    with (
        shared_servers() as (cluster, redis_url),
        tempfile.TemporaryDirectory(prefix="machine-") as folder,
    ):
        Path(folder).chmod(0o755)
        yield Machine(Path(folder), cluster, redis_url)


@pytest.mark.slow
def test_the_site_is_installed_without_docker_as_described(machine: Any) -> None:
    install, start, restart = blocks("sh root")
    set_up, upgrade, rotate = blocks("sh svyaz")
    # The commands create it themselves.
    machine.cluster.as_superuser("DROP OWNED BY svyaz", "DROP ROLE svyaz")

    machine.as_root(install)
    environment = machine.fill(blocks("sh env")[0])
    voice = machine.place / "var/lib/svyaz/rhvoice"
    if settings.RHVOICE_DIR.exists():
        shutil.copytree(settings.RHVOICE_DIR, voice)
    set_up_log = machine.as_svyaz(set_up)
    machine.as_root(start)
    file = (machine.place / "etc/svyaz.env").stat()
    environment |= {**machine.libraries, "PATH": machine.path}
    container = Container(machine.place, environment, machine.uid)
    port = free_port()
    try:
        for unit in UNITS:
            words = [machine.mapped(word) for word in exec_start(unit)]
            container.start([str(port) if word == "8000" else word for word in words])
        ready = f"http://127.0.0.1:{port}/health/ready"
        answer = wait_for(lambda: httpx.get(ready, timeout=5).raise_for_status(), within=90)
        ended = container.ended()
    finally:
        container.stop()
    machine.as_svyaz(upgrade)
    machine.as_svyaz(rotate)
    machine.as_root(restart)

    assert "Superuser created successfully" in set_up_log
    assert "System check identified no issues" in set_up_log
    assert (file.st_mode & 0o777, file.st_uid) == (0o640, os.getuid())
    assert voice.is_dir()
    assert answer.json()["status"] == "ok"
    assert ended == []
    assert [it for it in ("Traceback", "Permission denied") if it in container.log()] == []
