"""Each public name as a user would write it; type checkers read this, nothing runs it."""

from typing import assert_type

from starlette.types import ASGIApp

from nertwin.mockserver import (
    Entity,
    ModelCard,
    Rule,
    RulePack,
    RunningServer,
    Settings,
    Token,
    aggregate,
    create_app,
    load_pack,
    load_settings,
    running_server,
)
from nertwin.mockserver.labels import LabelTable
from nertwin.schemas import Clause, clauses, names

settings = Settings(port=0, models={"acme/ner": ModelCard(id="acme/ner", pack="conll")})
assert_type(create_app(settings), ASGIApp)
rules = (Rule(say="[Ada](PER:0.97) met Bob"), Rule(terms=("Bob",), label="PER"))
assert_type(Settings(rules=rules).rules, tuple[Rule, ...])
assert_type(load_settings({"port": 0}), Settings)
assert_type(load_pack("conll"), RulePack)
assert_type(names(), tuple[str, ...])
assert_type(clauses(), tuple[Clause, ...])

with running_server(settings) as server:
    assert_type(server, RunningServer)
    assert_type(server.url, str)

tokens = [Token("Ada", 0, 3, 1, False, [0.1, 0.9])]
assert_type(aggregate(tokens, LabelTable(("O", "B-PER")), strategy="simple"), list[Entity])
