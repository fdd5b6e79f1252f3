"""The names that users may rely on; removing one needs two releases of warning."""

import importlib

import pytest

PUBLIC = {
    "nertwin.contract_tests.statemachine": {"ClauseBroken", "machine"},
    "nertwin.mockserver": {
        "AsyncControl",
        "BrokenConnection",
        "Control",
        "ControlError",
        "Entity",
        "Expected",
        "Fault",
        "Life",
        "ModelCard",
        "NertwinError",
        "QuotaPlan",
        "Rule",
        "RulePack",
        "RunningServer",
        "Settings",
        "StandIn",
        "Token",
        "Verdict",
        "Wanted",
        "aggregate",
        "aggregate_windows",
        "create_app",
        "load_pack",
        "load_settings",
        "running_server",
        "serve",
    },
    "nertwin.schemas": {
        "JSON",
        "LEVELS",
        "PROFILES",
        "Clause",
        "Level",
        "Party",
        "Profile",
        "SchemasError",
        "UnknownSchema",
        "clauses",
        "load",
        "names",
        "openapi",
        "validator",
    },
    "nertwin.contract_tests": {"NotConforming", "assert_conforms"},
    "nertwin.contract_tests.strategies": {
        "Malformed",
        "TaggedEntity",
        "TaggedText",
        "adversarial_texts",
        "answers",
        "any_payloads",
        "headers",
        "inputs",
        "long_texts",
        "malformed_payloads",
        "options",
        "parameters",
        "payloads",
        "proses",
        "strategy_names",
        "tagged_texts",
        "texts",
    },
}


@pytest.mark.parametrize("module", PUBLIC)
def test_public_names_are_these(module: str) -> None:
    assert set(importlib.import_module(module).__all__) == PUBLIC[module]


@pytest.mark.parametrize(
    ("module", "name"),
    [(module, name) for module, names in PUBLIC.items() for name in sorted(names)],
)
def test_public_name_can_be_imported(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name)
