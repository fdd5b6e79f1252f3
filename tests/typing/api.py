"""Each public name as a user would write it; type checkers read this, nothing runs it."""

from typing import assert_type

from nertwin.mockserver import (
    AsyncControl,
    Control,
    Entity,
    Expected,
    Fault,
    Life,
    ModelCard,
    QuotaPlan,
    Rule,
    RulePack,
    RunningServer,
    Settings,
    StandIn,
    Token,
    Verdict,
    Wanted,
    aggregate,
    create_app,
    load_pack,
    load_settings,
    running_server,
)
from nertwin.mockserver.labels import LabelTable
from nertwin.schemas import JSON, Clause, clauses, names

settings = Settings(port=0, models={"acme/ner": ModelCard(id="acme/ner", pack="conll")})
assert_type(create_app(settings), StandIn)
assert_type(Settings(faults=(Fault(kind="503", times=2),)).faults, tuple[Fault, ...])
assert_type(Settings(quota=QuotaPlan(calls=300)).quota, QuotaPlan | None)
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

with Control(server.url, server.control_token) as control, control.session() as session:
    assert_type(session.url, str)
    assert_type(session.clock.advance(20), float)
    assert_type(session.clock.now, float)
    assert_type(session.models["acme/ner"].set_life(Life(starts="cold")), str)
    assert_type(session.verify(Wanted(text="Ada", status=200), count=1), Verdict)
    assert_type(session.reset("journal", "cache"), dict[str, int])
    assert_type(session.faults.add(Fault(kind="503", times=2)), int)
    assert_type(session.faults.add_profile("flaky"), list[int])
    assert_type(session.fail_next("429", times=2, retry_after=7), int)
    session.script("503", "200")
    assert_type(session.say("[Ada](PER) met Bob"), Expected)
    assert_type(session.rules.add(Rule(terms=("Bob",), label="PER")), int)
    assert_type(session.explain("Ada"), dict[str, JSON])


async def use() -> None:
    async with AsyncControl(server.url) as control, await control.session() as session:
        assert_type(await session.clock.now, float)
        assert_type(await session.wait_for(Wanted(), count=2, timeout=1.0), Verdict)
