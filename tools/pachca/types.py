"""Schemas as Python types: a TypedDict for each object, named as in Pachca's description."""

import keyword
from dataclasses import dataclass, field
from typing import Any

from tools.pachca.description import Schema, reference, schemas

PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


@dataclass
class Types:
    """Collects the types that are asked for, and those that these are made of."""

    code: dict[str, str] = field(default_factory=dict)

    def of(self, schema: Schema, name: str) -> str:
        """Return the annotation for the schema; `name` is for an object without its own."""
        plain = self._of(schema, name)
        return f"{plain} | None" if schema.get("nullable") and plain != "Any" else plain

    def _of(self, schema: Schema, name: str) -> str:
        for pointing in (schema, *schema.get("allOf", ())):
            if "$ref" in pointing:
                return self._named(reference(pointing))
        if "anyOf" in schema:
            return " | ".join(dict.fromkeys(self.of(it, name) for it in schema["anyOf"]))
        if "enum" in schema:
            return f"Literal[{', '.join(_quoted(it) for it in schema['enum'])}]"
        match schema.get("type"):
            case "array":
                return f"list[{self.of(schema['items'], name + 'Item')}]"
            case "object" if schema.get("properties"):
                return self._typed_dict(name, schema)
            case "object":
                values = schema.get("additionalProperties") or {}
                return f"dict[str, {self.of(values, name + 'Value')}]"
            case "string" if schema.get("format") == "binary":
                return "InputFile"
        return PLAIN.get(schema.get("type", ""), "Any")

    def _named(self, name: str) -> str:
        if name in self.code:
            return name
        schema = schemas()[name]
        if schema.get("properties") and schema.get("type") == "object":
            return self._typed_dict(name, schema)
        self.code[name] = ""  # it may speak of itself
        self.code[name] = f"{name}: TypeAlias = {self.of(schema, name)}\n"
        return name

    def _typed_dict(self, name: str, schema: Schema) -> str:
        if name in self.code:
            return name
        self.code[name] = ""
        required = schema.get("required", ())
        fields = {
            key: self._field(self.of(inner, name + _camel(key)), key in required)
            for key, inner in schema["properties"].items()
        }
        self.code[name] = _definition(name, schema, fields)
        return name

    def _field(self, annotation: str, is_required: bool) -> str:
        return annotation if is_required else f"NotRequired[{annotation}]"


def _definition(name: str, schema: Schema, fields: dict[str, str]) -> str:
    if all(key.isidentifier() and not keyword.iskeyword(key) for key in fields):
        lines = [f"class {name}(TypedDict):"]
        if summary := _first_line(schema.get("description", "")):
            lines += [f"    {_quoted_doc(summary)}", ""]
        return "\n".join([*lines, *(f"    {key}: {it}" for key, it in fields.items())]) + "\n"
    inner = ", ".join(f"{_quoted(key)}: {_quoted(it)}" for key, it in fields.items())
    return f'{name} = TypedDict("{name}", {{{inner}}})\n'


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:80]


def _quoted_doc(text: str) -> str:
    return '"""' + text.replace("\\", "").replace('"""', "'''").rstrip('"') + '"""'


def _quoted(value: Any) -> str:
    return '"' + value.replace('"', '\\"') + '"' if isinstance(value, str) else repr(value)


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.replace("-", "_").split("_"))
