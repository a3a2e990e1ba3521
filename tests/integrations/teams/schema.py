"""JSON Schema (draft 7), as much of it as Teams' and Slack's schemas use; whatever else stands in one is not passed
over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Thing = Any
NOTES = {
    "$schema",
    "description",
    "default",
    "format",
    "definitions",
    "id",
    "title",
    "builtInTabId",
    "if",
    "then",
    "_note",
    "$id",
}
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "integer": int,
    "null": type(None),
}


def problems(value: Thing, schema: Thing) -> list[str]:
    """What is wrong with a value."""
    return list(Checker(schema).problems(value, schema, "$"))


class Checker:
    def __init__(self, root: Thing) -> None:
        self.root = root

    def problems(self, value: Thing, schema: Thing, where: str) -> Iterator[str]:
        if schema is True:
            return
        if schema is False:
            yield f"{where}: not allowed"
            return
        for keyword, wanted in schema.items():
            yield from self._keyword(keyword, wanted, value, schema, where)

    def _keyword(self, keyword: str, wanted: Thing, value: Thing, schema: Thing, where: str) -> Iterator[str]:
        match keyword:
            case "$ref":
                yield from self.problems(value, self._find(wanted), where)
            case "type":
                kinds = [wanted] if isinstance(wanted, str) else wanted
                if not any(isinstance(value, TYPES[kind]) for kind in kinds):
                    yield f"{where}: must be {wanted}"
            case "const" if value != wanted:
                yield f"{where}: must be {wanted!r}"
            case "enum" if value not in wanted:
                yield f"{where}: {value!r} is none of {wanted}"
            # Slack's word for a pattern.
            case "pattern" | "regex" if isinstance(value, str) and not re.search(wanted, value):
                yield f"{where}: {value!r} is not like {wanted}"
            case "maxLength" if isinstance(value, str) and len(value) > wanted:
                yield f"{where}: longer than {wanted}"
            case "minLength" if isinstance(value, str) and len(value) < wanted:
                yield f"{where}: shorter than {wanted}"
            case "maxItems" if isinstance(value, list) and len(value) > wanted:
                yield f"{where}: more than {wanted}"
            case "minItems" if isinstance(value, list) and len(value) < wanted:
                yield f"{where}: fewer than {wanted}"
            case "uniqueItems" if isinstance(value, list) and len({str(one) for one in value}) < len(value):
                yield f"{where}: something twice"
            case "minProperties" if isinstance(value, dict) and len(value) < wanted:
                yield f"{where}: fewer than {wanted}"
            case "required" if isinstance(value, dict):
                yield from (f"{where}: {name} is missing" for name in wanted if name not in value)
            case "properties" if isinstance(value, dict):
                for name, one in value.items():
                    if name in wanted:
                        yield from self.problems(one, wanted[name], f"{where}.{name}")
            case "patternProperties" if isinstance(value, dict):
                for name, one in value.items():
                    for pattern, inside in wanted.items():
                        if re.search(pattern, name):
                            yield from self.problems(one, inside, f"{where}.{name}")
            case "additionalProperties" if isinstance(value, dict):
                for name in value:
                    patterns = schema.get("patternProperties", {})
                    if name not in schema.get("properties", {}) and not any(re.search(one, name) for one in patterns):
                        yield from self.problems(value[name], wanted, f"{where}.{name}")
            case "items" if isinstance(value, list):
                for number, one in enumerate(value):
                    yield from self.problems(one, wanted, f"{where}[{number}]")
            case "anyOf" | "oneOf":
                if all(list(self.problems(value, one, where)) for one in wanted):
                    yield f"{where}: is none of what it may be"
            case "not":
                if not list(self.problems(value, wanted, where)):
                    yield f"{where}: must not be so"
            case "dependencies" if isinstance(value, dict):
                for name, inside in wanted.items():
                    if name in value:
                        yield from self.problems(value, inside, where)
            case _:
                assert keyword in NOTES or not self._is_about(keyword, value), f"{where}: what is {keyword}?"

    def _is_about(self, keyword: str, value: Thing) -> bool:
        """Whether a keyword that was not looked at has anything to say of a value."""
        about: dict[str, type | tuple[type, ...]] = {
            "const": (), "enum": (), "pattern": str, "regex": str, "maxLength": str, "minLength": str, "maxItems": list,
            "minItems": list, "uniqueItems": list, "minProperties": dict, "required": dict, "properties": dict,
            "patternProperties": dict, "additionalProperties": dict, "items": list, "dependencies": dict,
            "minimum": (int, float), "maximum": (int, float),
        }  # fmt: skip
        # What did not match above of these found nothing wrong, but for numbers, of which we have none.
        return keyword not in about or (keyword in ("minimum", "maximum") and isinstance(value, int | float))

    def _find(self, reference: str) -> Thing:
        found = self.root
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]
        return found
