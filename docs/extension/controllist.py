"""Control: the control API as Markdown, from its own OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from nertwin.mockserver.control.openapi import openapi
from nertwin.mockserver.control.routes import ROUTES

from .text import code, plain, table

_Node: TypeAlias = Mapping[str, Any]
_GOOD = ("200", "201", "204")


def markdown() -> str:
    """A section a subject, with all operations on it."""
    document = openapi(ROUTES)
    sections: dict[str, list[str]] = {}
    paths: _Node = document["paths"]  # type: ignore[assignment]  # It is an object.
    for path, item in paths.items():
        for method, operation in item.items():
            tag = operation.get("tags", ["server"])[0]
            sections.setdefault(tag, []).append(_operation(method, path, item, operation, document))
    return "\n".join(f"## {tag}\n\n" + "\n".join(found) for tag, found in sections.items())


def _operation(method: str, path: str, item: _Node, operation: _Node, document: _Node) -> str:
    lines = [f"### `{method.upper()} {path}`\n", f"{plain(operation['summary'])}.\n"]
    parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
    query = [each for each in parameters if each["in"] == "query"]
    if query:
        rows = (
            (
                code(each["name"]),
                _type(each["schema"], document),
                plain(each.get("description", "")),
            )
            for each in query
        )
        lines.append(table(("in the query", "is", ""), rows))
    body = operation.get("requestBody")
    if body:
        schema = body["content"]["application/json"]["schema"]
        lines.append(_fields(("in the body", "is", ""), schema, document))
    for status in _GOOD:
        answer = operation["responses"].get(status)
        if answer is None:
            continue
        content = answer.get("content", {}).get("application/json")
        if content is None or not content["schema"]:
            lines.append(f"Answers {status}.\n")
        else:
            lines += [
                f"Answers {status}:\n",
                _fields(("in the answer", "is"), content["schema"], document),
            ]
    return "\n".join(lines)


def _fields(head: Sequence[str], schema: _Node, document: _Node) -> str:
    found = list(_walk(schema, document, ""))
    if not found:
        return f"{_type(schema, document)}\n"
    return table(head, (row[: len(head)] for row in found))


def _walk(schema: _Node, document: _Node, before: str, depth: int = 0) -> Iterator[tuple[str, ...]]:
    """The fields of an object, and of those below it."""
    schema = _resolve(schema, document)
    for each in schema.get("oneOf", schema.get("anyOf", ())):
        yield from _walk(each, document, before, depth)
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        field = _resolve(field, document)
        path = f"{before}{name}"
        is_needed = "needed" if name in required and not depth else ""
        yield code(path), _type(field, document), plain(field.get("description", "")) or is_needed
        if depth < 2:
            inner = _resolve(field.get("items", field), document)
            suffix = "[]." if "items" in field else "."
            if inner.get("properties"):
                yield from _walk(inner, document, path + suffix, depth + 1)


def _resolve(schema: _Node, document: _Node) -> _Node:
    if "$ref" not in schema:
        return schema
    found: Any = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return _resolve(found, document)


def _type(schema: _Node, document: _Node) -> str:
    schema = _resolve(schema, document)
    if "enum" in schema:
        return ", ".join(code(str(each)) for each in schema["enum"])
    if "const" in schema:
        return code(str(schema["const"]))
    for name in ("anyOf", "oneOf"):
        if name in schema:
            words = dict.fromkeys(_type(each, document) for each in schema[name])
            return " or ".join(words)
    kind = schema.get("type", "anything")
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array":
        return f"list of {_type(schema.get('items', {}), document)}"
    return str(kind)
