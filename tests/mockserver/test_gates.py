"""Keys and quotas as clients see them, and what the journal says of who decided."""

from typing import Any

import pytest
from support.twin import MODEL, Twin

from nertwin.mockserver import Rule
from nertwin.mockserver.endpoint import Endpoint
from nertwin.mockserver.exchange import Exchange
from nertwin.mockserver.faults import Fault
from nertwin.mockserver.life import Life
from nertwin.mockserver.quota import QuotaPlan
from nertwin.mockserver.settings import BadSettings, change_settings

SECRET = "hf_canary_0123456789"  # noqa: S105 - It is made up.
GOOD = f"authorization: Bearer {SECRET}"
WRONG = "authorization: Bearer hf_other_0123456789"
LOG_IN = {"error": "Please log in or use a HF access token"}
SEEMS_INVALID = {"error": "Authorization header is correct, but the token seems invalid"}
NO_CREDITS = (
    "You have exceeded your monthly included credits for Inference Providers. Subscribe to PRO"
    " to get 20x more monthly included credits."
)


def latest(twin: Twin) -> Exchange:
    return tuple(twin.session.journal)[-1]


@pytest.mark.parametrize("header", ["x-any: 1", GOOD, WRONG, "authorization: nonsense"])
def test_open_server_lets_everybody_in(header: str) -> None:
    assert Twin().post(header).status_code == 200


def test_classic_asks_who_sends_no_token_to_log_in() -> None:
    response = Twin(auth="required").post()

    assert (response.status_code, response.json()) == (429, LOG_IN)


def test_router_refuses_who_sends_no_token_with_a_challenge() -> None:
    response = Twin(auth="required", profile="router").post()

    assert (response.status_code, response.json()) == (
        401,
        {"error": "Invalid username or password."},
    )
    assert response.headers["www-authenticate"].startswith("Bearer realm=")


@pytest.mark.parametrize(
    "header",
    [f"authorization: Bearer: {SECRET}", f"authorization: {SECRET}"],
    ids=["stray colon", "no scheme"],
)
def test_token_in_a_wrong_form_is_invalid(header: str) -> None:
    twin = Twin(auth="required")

    response = twin.post(header)

    assert (response.status_code, response.json()) == (400, SEEMS_INVALID)
    assert "Bearer TOKEN" in latest(twin).why


def test_required_token_may_be_any() -> None:
    assert Twin(auth="required").post(WRONG).status_code == 200


def test_given_token_alone_is_let_in() -> None:
    twin = Twin(auth="token", token=SECRET)

    assert [twin.post(header).status_code for header in (GOOD, WRONG)] == [200, 400]


@pytest.mark.parametrize(
    ("profile", "status"), [("classic", 400), ("router", 403), ("dedicated", 403)]
)
def test_token_that_may_only_read_calls_no_model(profile: str, status: int) -> None:
    assert Twin(auth="read-only", profile=profile).post(GOOD).status_code == status


def test_look_ups_need_no_token() -> None:
    twin = Twin(auth="required")

    assert twin.get(f"/api/models/{MODEL}").status_code == 200
    assert twin.get(f"/status/{MODEL}").status_code == 200


def test_model_stays_cold_for_who_is_not_let_in() -> None:
    twin = Twin(Life(starts="cold"), auth="required")

    twin.post()

    assert twin.state()["state"] == "Loadable"
    assert twin.post(GOOD).status_code == 503


def test_token_is_neither_in_the_settings_words_nor_in_the_journal() -> None:
    twin = Twin(auth="token", token=SECRET)
    twin.post(GOOD, note=SECRET)

    assert SECRET not in repr(twin.app.settings)
    assert SECRET not in repr(twin.session.journal.to_json())


def test_given_token_is_needed_and_only_then() -> None:
    with pytest.raises(BadSettings, match="give both or neither"):
        Twin(auth="token")
    with pytest.raises(BadSettings, match="give both or neither"):
        Twin(token=SECRET)


def test_quota_lets_so_many_calls_of_a_token_by() -> None:
    twin = Twin(quota=QuotaPlan(calls=2))

    assert [twin.post(GOOD).status_code for _ in range(3)] == [200, 200, 429]
    assert twin.post(WRONG).status_code == 200


def test_quota_begins_anew_with_the_next_window() -> None:
    twin = Twin(quota=QuotaPlan(anonymous_calls=1, window=60))
    before = [twin.post().status_code for _ in range(2)]

    twin.clock.advance(60)

    assert [*before, twin.post().status_code] == [200, 429, 200]


def test_anonymous_callers_share_a_quota_of_their_own() -> None:
    twin = Twin(quota=QuotaPlan(anonymous_calls=0))

    refused = twin.post()

    assert refused.status_code == 429
    assert refused.json() == {"error": "Rate limit reached. Please log in or use a HF access token"}
    assert twin.post(GOOD).status_code == 200


def test_router_wants_money_from_who_has_used_up_the_credits() -> None:
    response = Twin(profile="router", quota=QuotaPlan(calls=0)).post(GOOD)

    assert (response.status_code, response.json()) == (402, {"error": NO_CREDITS})


def test_recorded_refusal_says_nothing_of_when_to_come_back() -> None:
    headers = Twin(quota=QuotaPlan(calls=0)).post(GOOD).headers

    assert not {"retry-after", "ratelimit", "ratelimit-policy"} & set(headers)


def test_headers_tell_of_the_limit_where_the_plan_says_so() -> None:
    plan = QuotaPlan(calls=1, window=60, retry_after=True, ratelimit=True)
    twin = Twin(quota=plan)
    twin.clock.advance(10)

    served, refused = twin.post(GOOD), twin.post(GOOD)

    assert served.headers["ratelimit"] == '"api";r=0;t=50'
    assert refused.headers["ratelimit-policy"] == '"fixed window";"api";q=1;w=60'
    assert refused.headers["retry-after"] == "50"
    assert "retry-after" not in served.headers


def test_refused_key_uses_up_no_quota() -> None:
    twin = Twin(auth="token", token=SECRET, quota=QuotaPlan(calls=1))

    twin.post(WRONG)

    assert twin.post(GOOD).status_code == 200


@pytest.mark.parametrize(
    ("settings", "body", "gate"),
    [
        ({"auth": "required"}, {}, "auth"),
        ({"quota": QuotaPlan(anonymous_calls=0)}, {}, "quota"),
        ({}, {"parameters": 5}, "request"),
        ({"life": Life(starts="cold")}, {}, "availability"),
        ({}, {}, "rule"),
    ],
)
def test_journal_says_which_gate_decided(
    settings: dict[str, Any], body: dict[str, Any], gate: str
) -> None:
    twin = Twin(**settings)

    twin.post(**body)

    assert latest(twin).gate == gate
    assert latest(twin).why


def test_journal_tells_a_kept_answer_from_a_computed_one() -> None:
    twin = Twin()

    twin.post()
    twin.post()

    assert [exchange.gate for exchange in twin.session.journal] == ["rule", "cache"]


def test_journal_has_the_exchange_as_it_went_over_the_wire() -> None:
    twin = Twin()

    response = twin.post("x-use-cache: false")

    exchange = latest(twin)
    assert (exchange.method, exchange.path) == ("POST", f"/models/{MODEL}")
    assert exchange.request_body.holds("Ada Lovelace")
    assert exchange.response_body.kept == response.content
    assert dict(exchange.response_headers) == dict(response.headers)
    assert exchange.model == MODEL


def test_journal_has_look_ups_and_wrong_paths_too() -> None:
    twin = Twin()

    twin.get(f"/api/models/{MODEL}?expand=inference")
    twin.get("/nowhere")

    seen = [(exchange.path, exchange.status) for exchange in twin.session.journal]
    assert seen == [(f"/api/models/{MODEL}?expand=inference", 200), ("/nowhere", 404)]


def test_session_may_have_a_profile_of_its_own() -> None:
    twin = Twin()

    twin.session.change(change_settings(twin.session.settings, {"profile": "dedicated"}))

    assert twin.get(f"/status/{MODEL}").status_code == 404
    assert twin.get(f"/status/{MODEL}", "x-nertwin-session: other").status_code == 200


def test_session_changes_no_setting_of_the_server() -> None:
    with pytest.raises(BadSettings, match="a session has no setting 'port'"):
        change_settings(Twin().session.settings, {"port": 1})


def test_clock_goes_on_when_it_changes_its_kind() -> None:
    twin = Twin()
    twin.clock.advance(5)

    twin.session.change(change_settings(twin.session.settings, {"clock": "scaled:1"}))
    twin.session.change(change_settings(twin.session.settings, {"clock": "frozen"}))

    assert 5 <= twin.clock.now < 6


def test_script_of_the_settings_answers_the_first_calls_of_each_session() -> None:
    twin = Twin(script=("503", "503; estimated_time=7.5", "200"), cache=False)

    seen = [twin.post() for _ in range(4)]
    other = twin.post("x-nertwin-session: other")

    assert [response.status_code for response in seen] == [503, 503, 200, 200]
    assert seen[1].json()["estimated_time"] == 7.5
    assert other.status_code == 503


def test_faults_of_the_settings_hurt_the_calls_that_they_choose() -> None:
    twin = Twin(faults=(Fault(kind="429", every=2),))

    assert [twin.post().status_code for _ in range(4)] == [200, 429, 200, 429]
    assert latest(twin).gate == "fault"


def test_fault_of_a_request_header_hurts_that_call_alone() -> None:
    twin = Twin()

    assert twin.post("x-nertwin-fault: 410").status_code == 410
    assert twin.post().status_code == 200


def test_malformed_fault_header_is_refused_by_nertwin_itself() -> None:
    response = Twin().post("x-nertwin-fault: resett")

    assert response.status_code == 400
    assert response.headers["x-nertwin-error"] == "fault"
    assert "'reset'" in response.json()["error"]


def test_hurt_call_asks_for_no_token_that_it_was_refused_before() -> None:
    twin = Twin(auth="required")

    assert twin.post("x-nertwin-fault: 503").status_code == 429


def test_replaced_answer_leaves_a_cold_model_cold() -> None:
    twin = Twin(Life(starts="cold", after_calls=1))

    twin.post("x-nertwin-fault: 429")

    assert twin.state()["state"] == "Loadable"


def test_connection_that_breaks_is_journalled_as_it_went_out() -> None:
    twin = Twin()

    with pytest.raises(ConnectionResetError):
        twin.post("x-nertwin-fault: reset")

    assert (latest(twin).status, latest(twin).gate, latest(twin).why) == (0, "fault", "reset")


def test_rule_of_the_settings_answers_its_text() -> None:
    twin = Twin(rules=(Rule(say="[Zork](PER:0.75) sang"),))

    (entity,) = twin.post(inputs="Zork sang").json()

    assert (entity["word"], entity["entity_group"], entity["score"]) == ("Zork", "PER", 0.75)


def test_session_s_own_rule_is_no_other_session_s() -> None:
    twin = Twin()
    twin.session.rules.add(Rule(terms=("zork",), label="LOC"))

    assert [entity["word"] for entity in twin.post(inputs="a zork sang").json()] == ["zork"]
    assert twin.post("x-nertwin-session: other", inputs="a zork sang").json() == []


def test_misplaced_option_becomes_a_finding() -> None:
    twin = Twin()

    twin.post(wait_for_model=True)
    twin.post(wait_for_model=True)

    (found,) = twin.session.findings
    assert found.finding.id == "options.misplaced"
    assert (found.times, found.first, found.last) == (2, 1, 2)


def test_hot_loop_becomes_a_finding_that_names_what_was_asked_for() -> None:
    twin = Twin(Life(starts="cold", after_seconds=20))

    assert {twin.post().status_code for _ in range(12)} == {503}

    (found,) = twin.session.findings
    assert found.finding.id == "retry.hot-loop"
    assert "estimated_time 20 s" in found.finding.message


def test_look_ups_are_no_misuse() -> None:
    twin = Twin()

    twin.get("/api/tasks", f"authorization: {SECRET}")

    assert list(twin.session.findings) == []


def test_failure_of_our_own_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError

    twin = Twin()
    monkeypatch.setattr(Endpoint, "respond", fail)

    assert twin.post().status_code == 500
    assert latest(twin).why.startswith("nertwin itself failed with KeyError")
