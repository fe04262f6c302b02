"""Docker's rules without Docker: which files it copies, and what a Dockerfile says, in order."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath


class DockerIgnore:
    """Tells which paths of a context Docker leaves out.

    As in Moby's `patternmatcher`: a pattern is anchored at the root; `*` and `?` stop at a slash,
    `**` does not; what matches a parent matches the path; the last match decides; `!` includes.
    """

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines() if not line.startswith("#")]
        self._rules = [(_pattern(line.lstrip("!")), line.startswith("!")) for line in lines if line]

    def ignores(self, path: str) -> bool:
        ancestry = [path, *map(str, list(PurePosixPath(path).parents)[:-1])]
        is_ignored = False
        for pattern, includes in self._rules:
            if any(pattern.fullmatch(one) for one in ancestry):
                is_ignored = not includes
        return is_ignored

    def copy(self, context: Path, to: Path) -> None:
        """Copy what Docker would send of `context`."""
        for folder, folders, files in os.walk(context):
            relative = Path(folder).relative_to(context)
            # Large, and ignored by every version of the file; nothing of it is included again.
            folders[:] = [it for it in folders if not (folder == str(context) and it in SKIPPED)]
            for name in files:
                path = relative / name
                if not self.ignores(path.as_posix()):
                    (to / path).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(context / path, to / path)


SKIPPED = (".git", ".venv", "var")


def _pattern(line: str) -> re.Pattern[str]:
    cleaned = os.path.normpath(line.strip("/"))
    # At the end "**" matches everything below, elsewhere any number of directories, none included.
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", cleaned)
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        "".join(
            wild.get(part) or (part if part.startswith("[") else re.escape(part)) for part in parts
        ),
        re.DOTALL,
    )


@dataclass
class Stage:
    name: str
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def last(self, instruction: str) -> str:
        return [rest for name, rest in self.steps if name == instruction][-1]


def stages(dockerfile: str) -> Iterator[Stage]:
    """Yield the stages of a Dockerfile, each with its instructions and the rest of their lines."""
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    stage = None
    for instruction, rest in re.findall(r"^([A-Z]+) +(.+)$", joined, re.MULTILINE):
        if instruction == "FROM":
            if stage:
                yield stage
            base, _, name = rest.partition(" AS ")
            stage = Stage(name, base)
        elif stage:
            stage.steps.append((instruction, rest))
    if stage:
        yield stage
