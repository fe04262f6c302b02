"""Pachca's description of its API, read: each official method with its parameters and answer.

`openapi.json` is an excerpt of the official description, `methods.json` the official names. Of the
methods that are newer than the description only the address is known.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Schema = dict[str, Any]


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str
    schema: Schema
    required: bool
    description: str


@dataclass(frozen=True)
class Method:
    """One method: `answer` is the schema of its `data`, None where it is none or not known."""

    name: str
    group: str
    verb: str
    path: str
    summary: str
    text: str
    scope: str
    parameters: tuple[Parameter, ...]
    answer: Schema | None
    is_described: bool

    def placed(self, place: str) -> list[Parameter]:
        return [it for it in self.parameters if it.place == place]


# The form fields of an upload come with each grant; here they are one parameter.
UPLOAD = (
    Parameter(
        "direct_url", "body", {"type": "string"}, True, "The `direct_url` of the upload parameters."
    ),
    Parameter(
        "fields", "body", {"type": "object"}, True, "The remaining fields of the upload parameters."
    ),
    Parameter("file", "body", {"format": "binary", "type": "string"}, True, "The file."),
)


@cache
def api() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((HERE / "openapi.json").read_text(encoding="utf-8"))
    return read


def schemas() -> dict[str, Schema]:
    found: dict[str, Schema] = api()["components"]["schemas"]
    return found


@cache
def methods() -> tuple[Method, ...]:
    names = json.loads((HERE / "methods.json").read_text(encoding="utf-8"))
    return tuple(_method(name, facts) for name, facts in sorted(names.items()))


def resolved(schema: Schema) -> Schema:
    """Follow a schema that only points at another one."""
    for pointing in (schema, *schema.get("allOf", ())):
        if "$ref" in pointing:
            return resolved(schemas()[reference(pointing)])
    return schema


def reference(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _method(name: str, facts: dict[str, str]) -> Method:
    path = "/" + facts["path"].lstrip("/")
    verbs = api()["paths"].get(path, {})
    # Avatars moved from PUT to POST after the description was made.
    described = verbs.get(facts["http"].lower()) or _renamed(name, verbs)
    summary, _, text = (described or {}).get("description", "").partition("\n\n")
    return Method(
        name=name,
        group=facts["group"],
        verb=facts["http"],
        path=path,
        summary=summary.strip() or name.replace("_", " ").capitalize(),
        text=text.strip(),
        scope=(described or {}).get("x-requirements", {}).get("scope", ""),
        parameters=UPLOAD if name == "upload_file" else tuple(_parameters(path, described or {})),
        answer=_answer(described or {}),
        is_described=described is not None,
    )


def _renamed(name: str, verbs: dict[str, Any]) -> dict[str, Any] | None:
    return verbs.get("put") if name.endswith("_avatar") and name.startswith("update") else None


def _parameters(path: str, described: dict[str, Any]) -> Iterator[Parameter]:
    known = {it["name"]: it for it in described.get("parameters", [])}
    for name in re.findall(r"{(\w+)}", path):
        given = known.get(name, {})
        schema = given.get("schema", {"type": "integer"})
        yield Parameter(name, "path", schema, True, given.get("description", ""))
    for name, given in known.items():
        if given["in"] == "query":
            about = given.get("description", "")
            yield Parameter(name, "query", given["schema"], bool(given.get("required")), about)
    yield from _body(described)


def _body(described: dict[str, Any]) -> Iterator[Parameter]:
    for content in described.get("requestBody", {}).get("content", {}).values():
        schema = resolved(content["schema"])
        required = schema.get("required", ())
        for name, inner in schema.get("properties", {}).items():
            yield Parameter(name, "body", inner, name in required, inner.get("description", ""))


def _answer(described: dict[str, Any]) -> Schema | None:
    for response in described.get("responses", {}).values():
        content = response.get("content", {}).get("application/json")
        if content is None:
            return None
        schema: Schema = content["schema"]
        data: Schema = schema.get("properties", {}).get("data", schema)
        return data
    return None
