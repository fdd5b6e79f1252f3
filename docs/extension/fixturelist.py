"""Fixtures: what the plugin gives to tests as Markdown, from its own docstrings."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module

from sphinx.pycode import ModuleAnalyzer

from nertwin.contract_tests import plugin
from nertwin.contract_tests.twin import Twin

from .text import code, plain, table

_OF_THE_PLUGIN = frozenset(("surprises", "account", "close", "drive", "visits"))


def markdown() -> str:
    """The fixtures, and what the fixture ``nertwin`` can do."""
    rows = [(code(name), scope, plain(_first(text))) for name, scope, text in sorted(_fixtures())]
    twin = [f"(twin)=\n## `nertwin`\n\n{plain(inspect.getdoc(Twin) or '')}\n"]
    twin += [_member(name, value) for name, value in vars(Twin).items() if _is_public(name)]
    fields = table(("attribute", ""), _fields())
    return "\n".join([f"## All of them\n\n{table(('fixture', 'scope', ''), rows)}", *twin, fields])


def _fixtures() -> Iterator[tuple[str, str, str]]:
    """Name, scope and docstring, read from the source: pytest wraps the functions away."""
    for name in (plugin.__name__, *plugin.pytest_plugins):
        module = import_module(name)
        for node in ast.parse(inspect.getsource(module)).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            for decorator in node.decorator_list:
                text = ast.unparse(decorator)
                if text.startswith("pytest.fixture"):
                    scope = "session" if "scope='session'" in text else "test"
                    yield node.name, scope, ast.get_docstring(node) or ""


def _fields() -> Iterator[tuple[str, str]]:
    """The attributes with a comment; they are set where an instance is made."""
    found = ModuleAnalyzer.for_module(Twin.__module__).find_attr_docs()
    for (owner, name), lines in found.items():
        if owner == Twin.__name__:
            yield code(f"nertwin.{name}"), plain(" ".join(lines).strip())
    for name, value in vars(Twin).items():
        if isinstance(value, property):
            yield code(f"nertwin.{name}"), plain(_first(inspect.getdoc(value) or ""))


def _member(name: str, value: object) -> str:
    if not inspect.isfunction(value):
        return ""
    signature = inspect.signature(value)
    parameters = [each for key, each in signature.parameters.items() if key != "self"]
    bare = [each.replace(annotation=inspect.Parameter.empty) for each in parameters]
    shown = signature.replace(parameters=bare, return_annotation=inspect.Signature.empty)
    text = (inspect.getdoc(value) or "").partition("\n\nRaises:")[0]
    return f"### `{name}`\n\n{code(f'nertwin.{name}{shown}')}\n\n{plain(text)}\n"


def _first(text: str) -> str:
    return text.partition("\n\n")[0]


def _is_public(name: str) -> bool:
    return not name.startswith("_") and name not in _OF_THE_PLUGIN
