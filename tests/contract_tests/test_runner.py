from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import pytest
from hypothesis import strategies as st
from support.endpoints import (
    ENDPOINT,
    WRONG,
    Listener,
    Scripted,
    a_check,
    a_clause,
    a_plan,
    good,
    reply,
    verdict_of,
)

from nertwin.contract_tests.checks import Check, Trial, Undecided, plan
from nertwin.contract_tests.endpoint import Endpoint
from nertwin.contract_tests.etiquette import Etiquette
from nertwin.contract_tests.exchange import Exchange, Request
from nertwin.contract_tests.outcomes import Outcome
from nertwin.contract_tests.probe import NoEndpoint
from nertwin.contract_tests.reporters.events import Exchanged, Finished, Started
from nertwin.contract_tests.violations import Violation

OPEN = Undecided("nothing to see")


def says_wrong(_: Trial) -> list[Violation | Undecided]:
    return [WRONG]


def says_open(_: Trial) -> list[Violation | Undecided]:
    return [OPEN]


def crashes(_: Trial) -> NoReturn:
    raise ZeroDivisionError("in a judge")


def impatient(max_requests: int = 400) -> Etiquette:
    return Etiquette(max_requests=max_requests, sleep=lambda _: None)


def answering(status: int, *, on: str = "bad", **fields: object) -> Scripted:
    """All is well but for texts with a certain word."""

    def answer(request: Request) -> Exchange:
        is_hit = on in str(request.inputs)
        return reply(request, status, fields) if is_hit else good(request)

    return Scripted(answer)


@pytest.mark.parametrize(
    ("says", "outcome", "status"),
    [
        (lambda _: [], Outcome.PASSED, 0),
        (says_wrong, Outcome.FAILED, 1),
        (says_open, Outcome.INCONCLUSIVE, 3),
        (crashes, Outcome.ERROR, 4),
    ],
    ids=["nothing wrong", "a violation", "undecided", "a crash"],
)
def test_outcome_follows_the_judge(says: object, outcome: Outcome, status: int) -> None:
    verdict = verdict_of(a_check(says=says))  # type: ignore[arg-type]

    assert [result.outcome for result in verdict.results] == [outcome]
    assert verdict.exit_status == status


def test_crash_is_told_with_its_traceback() -> None:
    (result,) = verdict_of(a_check(says=crashes)).results

    assert "ZeroDivisionError: in a judge" in result.why


def test_crash_while_plans_are_made_is_ours_too() -> None:
    check = a_check(draws=lambda _: crashes(None))  # type: ignore[arg-type]

    assert verdict_of(check).results[0].outcome is Outcome.ERROR


def test_equal_requests_are_sent_once() -> None:
    transport = Scripted(good)

    verdict_of(a_check(), a_check("shape.one-kind"), transport=transport)

    assert len(transport.sent) == 2  # The probe's and theirs.


def test_request_again_is_sent_again() -> None:
    transport = Scripted(good)
    request = ENDPOINT.classify("a")

    verdict_of(a_check(plans=(plan(request, request.again()),)), transport=transport)

    assert len(transport.sent) == 3


def test_step_can_follow_from_the_answers() -> None:
    transport = Scripted(good)
    steps = plan(ENDPOINT.classify("a"), lambda before: ENDPOINT.classify(f"{len(before)} before"))

    verdict_of(a_check(plans=(steps,)), transport=transport)

    assert transport.sent[-1].inputs == "1 before"


def test_plan_ends_where_nothing_follows() -> None:
    seen: list[int] = []
    steps = plan(ENDPOINT.classify("a"), lambda _: None, ENDPOINT.classify("b"))

    def says(trial: Trial) -> list[Violation | Undecided]:
        seen.append(len(trial.exchanges))
        return []

    check = a_check(plans=(steps,), says=says)

    verdict_of(check)

    assert seen == [1]


def test_watching_check_judges_what_others_ask() -> None:
    seen: list[object] = []

    def says(trial: Trial) -> list[Violation | Undecided]:
        seen.append(trial.exchange.request.inputs)
        return []

    watching = a_check("shape.one-kind", says=says, watches=lambda _: True)

    verdict_of(a_check(plans=(a_plan("x"), a_plan("y"))), watching)

    assert seen[1:] == ["x", "a", "y"]  # The first is the probe's.


def test_finding_that_comes_back_is_deterministic() -> None:
    (result,) = verdict_of(a_check(says=says_wrong)).results

    (finding,) = result.findings
    assert (finding.seen, finding.tried) == (3, 3)
    assert not finding.is_intermittent


def test_finding_that_does_not_come_back_is_intermittent() -> None:
    check = a_check(says=lambda trial: [] if trial.exchange.request.attempt else [WRONG])

    (result,) = verdict_of(check).results

    (finding,) = result.findings
    assert (finding.seen, finding.tried) == (1, 3)
    assert finding.is_intermittent
    assert result.outcome is Outcome.FAILED


@pytest.mark.parametrize("status", [403, 429, 502, 503, 504])
def test_days_circumstances_are_no_verdict(status: int) -> None:
    transport = answering(status)

    (result,) = verdict_of(
        a_check(says=says_wrong, plans=(a_plan("bad"),)), transport=transport
    ).results

    assert result.outcome is Outcome.INCONCLUSIVE
    assert str(status) in result.why


def test_broken_exchange_is_no_verdict() -> None:
    def answer(request: Request) -> Exchange:
        if request.inputs == "bad":
            return Exchange(request=request, breakage="timeout", problem="no answer")
        return good(request)

    check = a_check(says=says_wrong, plans=(a_plan("bad"),))

    (result,) = verdict_of(check, transport=Scripted(answer)).results

    assert (result.outcome, result.why) == (Outcome.INCONCLUSIVE, "no answer")


def test_check_that_sees_all_judges_circumstances() -> None:
    check = a_check(says=says_wrong, plans=(a_plan("bad"),), sees_all=True)

    (result,) = verdict_of(check, transport=answering(503)).results

    assert result.outcome is Outcome.FAILED


@pytest.mark.parametrize("status", [401, 402])
def test_run_stops_where_the_token_is_refused(status: int) -> None:
    transport = answering(status)
    checks = (a_check(plans=(a_plan("bad"), a_plan("b"))), a_check("shape.one-kind"))

    verdict = verdict_of(*checks, transport=transport)

    assert str(status) in verdict.stopped
    assert len(transport.sent) == 2
    assert verdict.exit_status == 3


def test_refusal_of_a_token_on_purpose_stops_nothing() -> None:
    bad = ENDPOINT.classify("bad").with_headers(("authorization", "Bearer wrong"))

    verdict = verdict_of(a_check(plans=(plan(bad), a_plan())), transport=answering(401))

    assert verdict.stopped == ""


def test_budget_ends_the_run_and_says_so() -> None:
    plans = tuple(a_plan(str(number)) for number in range(50))
    transport = Scripted(good)
    check = a_check(says=says_open, plans=plans)

    verdict = verdict_of(check, transport=transport, etiquette=impatient(10))

    assert len(transport.sent) == 10
    assert "budget of 10 requests" in verdict.stopped
    assert verdict.exit_status == 3


def test_every_check_gets_its_first_plan_before_any_gets_its_second() -> None:
    checks = (
        a_check(plans=(a_plan("1a"), a_plan("1b"))),
        a_check("shape.one-kind", plans=(a_plan("2a"), a_plan("2b"))),
    )
    transport = Scripted(good)

    verdict_of(*checks, transport=transport)

    assert [request.inputs for request in transport.sent[1:]] == ["1a", "2a", "1b", "2b"]


def test_unmet_need_is_a_skip_that_says_what_to_give() -> None:
    check = a_check(needs=frozenset({"cold-model"}))

    (result,) = verdict_of(check).results

    assert result.outcome is Outcome.SKIPPED
    assert "--cold-model" in result.why


def test_need_of_a_token_is_met_by_one() -> None:
    check = a_check(needs=frozenset({"token"}))

    assert verdict_of(check).results[0].outcome is Outcome.PASSED
    without = verdict_of(check, endpoint=Endpoint(base=ENDPOINT.base))
    assert without.results[0].outcome is Outcome.SKIPPED


def test_unobservable_clause_is_skipped_with_its_reason() -> None:
    clause = a_clause("limits.rate")

    verdict = verdict_of(a_check(), clauses=[clause, a_clause()])

    assert verdict.results[0].why == clause.why_not


def test_soft_check_forgives_a_minority() -> None:
    plans = tuple(a_plan(text) for text in ("bad", "b", "c"))
    check = a_check(
        says=lambda trial: [WRONG] if trial.exchange.request.inputs == "bad" else [],
        plans=plans,
        is_soft=True,
    )

    assert verdict_of(check).results[0].outcome is Outcome.PASSED


def test_soft_check_does_not_forgive_a_majority() -> None:
    plans = tuple(a_plan(text) for text in ("a", "b", "c"))
    check = a_check(
        says=lambda trial: [] if trial.exchange.request.inputs == "c" else [WRONG],
        plans=plans,
        is_soft=True,
    )

    assert verdict_of(check).results[0].outcome is Outcome.FAILED


def test_drawn_failure_is_told_with_its_smallest_text() -> None:
    check = a_check(
        draws=lambda endpoint: st.text(min_size=0, max_size=30).map(
            lambda text: plan(endpoint.classify(text))
        ),
        says=lambda trial: [WRONG] if len(str(trial.exchange.request.inputs)) > 3 else [],
    )

    (result,) = verdict_of(check).results

    assert result.outcome is Outcome.FAILED
    assert result.findings[0].exchanges[0].request.inputs == "0000"


def test_same_seed_sends_the_same_requests() -> None:
    check = a_check(draws=lambda endpoint: st.text().map(lambda t: plan(endpoint.classify(t))))
    first, second, other = Scripted(good), Scripted(good), Scripted(good)

    verdict_of(check, transport=first, seed=5)
    verdict_of(check, transport=second, seed=5)
    verdict_of(check, transport=other, seed=6)

    assert first.sent == second.sent
    assert first.sent != other.sent


def test_interruption_still_reports() -> None:
    def answer(request: Request) -> Exchange:
        if request.inputs == "bad":
            raise KeyboardInterrupt
        return good(request)

    listener = Listener()
    check = a_check(plans=(a_plan("a"), a_plan("bad")))

    verdict = verdict_of(check, transport=Scripted(answer), reporters=[listener])

    assert verdict.exit_status == 130
    assert verdict.results[0].outcome is Outcome.PASSED
    assert isinstance(listener.events[-1], Finished)


def test_reporters_hear_of_start_exchanges_and_end() -> None:
    listener = Listener()

    verdict = verdict_of(a_check(), reporters=[listener])

    assert [type(event) for event in listener.events] == [
        Exchanged, Started, Exchanged, Finished,
    ]  # fmt: skip
    assert listener.events[-1] == Finished(verdict=verdict)


@pytest.mark.parametrize(
    ("status", "document", "headers", "words"),
    [
        (404, {"error": "Model a does not exist"}, {}, "Model a does not exist"),
        (400, {"error": "Model not supported by provider hf-inference"}, {}, "--model"),
        (302, {}, {"location": "https://elsewhere/"}, "https://elsewhere/"),
    ],
    ids=["unknown model", "unknown to the router", "redirect"],
)
def test_stranger_is_told_apart_in_a_sentence(
    status: int, document: object, headers: dict[str, str], words: str
) -> None:
    transport = Scripted(lambda request: reply(request, status, document, headers))

    with pytest.raises(NoEndpoint, match=words):
        verdict_of(a_check(), transport=transport)


@pytest.mark.parametrize("status", [401, 402, 403, 429, 503])
def test_refused_first_call_decides_nothing(status: int) -> None:
    transport = Scripted(lambda request: reply(request, status, {"error": "not now"}))

    verdict = verdict_of(a_check(says=says_wrong), transport=transport)

    assert verdict.exit_status == 3
    assert "not now" in verdict.stopped or str(status) in verdict.stopped


def test_loading_model_is_waited_for() -> None:
    slept: list[float] = []
    replies = iter([503, 200, 200])

    def answer(request: Request) -> Exchange:
        status = next(replies)
        return reply(request, status, {"error": "loading", "estimated_time": 2.5})

    etiquette = Etiquette(sleep=slept.append)
    verdict = verdict_of(a_check(), transport=Scripted(answer), etiquette=etiquette)

    assert slept == [2.5]
    assert verdict.exit_status == 0


def test_other_profile_is_noticed() -> None:
    entry = {"entity": "B-PER"}
    transport = Scripted(lambda request: reply(request, 200, [entry]))

    verdict = verdict_of(a_check(), transport=transport)

    assert any("looks like dedicated" in note for note in verdict.notes)


def a_bundled_check(wrong: str, says_of: Callable[[Trial], list[Violation | Undecided]]) -> Check:
    """A check of a plan that a bundle may spare."""
    return a_check(plans=(replace(a_plan("alone"), bundle=a_plan(wrong)),), says=says_of)


def says_wrong_of_bad(trial: Trial) -> list[Violation | Undecided]:
    return [WRONG] if "bad" in str(trial.exchange.request.inputs) else []


def test_bundle_that_holds_spares_its_plan() -> None:
    transport = Scripted(good)

    verdict = verdict_of(a_bundled_check("good", says_wrong_of_bad), transport=transport)

    assert [request.inputs for request in transport.sent][1:] == ["good"]
    assert verdict.results[0].outcome is Outcome.PASSED


def test_bundle_that_does_not_hold_says_nothing_but_that_its_plan_is_needed() -> None:
    transport = Scripted(good)

    verdict = verdict_of(a_bundled_check("bad", says_wrong_of_bad), transport=transport)

    assert [request.inputs for request in transport.sent][1:] == ["bad", "alone"]
    assert verdict.results[0].outcome is Outcome.PASSED


def test_bundle_that_breaks_does_not_hold() -> None:
    verdict = verdict_of(
        a_bundled_check("bad", lambda _: []), transport=answering(502), etiquette=impatient()
    )

    assert verdict.results[0].outcome is Outcome.PASSED
    assert verdict.results[0].trials == 1


def test_violation_is_found_behind_a_bundle() -> None:
    check = a_bundled_check("bad", says_wrong)

    (result,) = verdict_of(check).results

    assert [each.request.inputs for each in result.findings[0].exchanges] == ["alone"]


def test_draws_that_the_budget_cuts_are_told() -> None:
    check = a_check(draws=lambda endpoint: st.text().map(lambda t: plan(endpoint.classify(t))))

    verdict = verdict_of(check, etiquette=impatient(max_requests=5))

    assert "5 requests" in verdict.stopped
    assert verdict.results[0].outcome is Outcome.PASSED
