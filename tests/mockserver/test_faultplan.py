import pytest
from hypothesis import given
from hypothesis import strategies as st

from nertwin.mockserver.faultplan import FaultPlan, TooManyFaults
from nertwin.mockserver.faults import BadFault, Fault

BODY = b'{"inputs": "Ada"}'


def a_plan(*faults: Fault) -> FaultPlan:
    plan = FaultPlan()
    for fault in faults:
        plan.add(fault)
    return plan


def kinds(plan: FaultPlan, calls: int, model: str = "acme/ner") -> list[list[str]]:
    return [[fault.kind for fault in plan.take(model, BODY)] for _ in range(calls)]


def test_empty_plan_is_false_and_hurts_nobody() -> None:
    plan = FaultPlan()

    assert not plan
    assert plan.take("acme/ner", BODY) == ()


def test_next_calls_are_hurt_and_no_more() -> None:
    assert kinds(a_plan(Fault(kind="429", times=2)), 3) == [["429"], ["429"], []]


def test_every_third_call_is_hurt() -> None:
    assert kinds(a_plan(Fault(kind="500", every=3)), 4) == [[], [], ["500"], []]


def test_times_counts_the_calls_that_are_hurt() -> None:
    plan = a_plan(Fault(kind="500", every=2, times=1))

    assert kinds(plan, 4) == [[], ["500"], [], []]


def test_fault_of_a_model_spares_the_others() -> None:
    plan = a_plan(Fault(kind="429", model="acme/ner", times=1))

    assert kinds(plan, 1, "acme/pos") == [[]]
    assert kinds(plan, 2) == [["429"], []]


@pytest.mark.parametrize("body", ['{"inputs": "Zoë"}', '{"inputs": "Zo\\u00eb"}'])
def test_text_is_found_in_each_spelling_of_json(body: str) -> None:
    plan = a_plan(Fault(kind="429", text="Zoë"))

    assert plan.take("acme/ner", b'{"inputs": "Ada"}') == ()
    assert len(plan.take("acme/ner", body.encode())) == 1


def test_first_of_two_that_change_the_answer_wins_and_the_other_waits() -> None:
    plan = a_plan(Fault(kind="429", times=1), Fault(kind="reset", times=1))

    assert kinds(plan, 3) == [["429"], ["reset"], []]


def test_latency_and_evolution_go_along_with_others() -> None:
    plan = a_plan(Fault(kind="latency"), Fault(kind="429"), Fault(kind="evolve"))

    assert kinds(plan, 1) == [["latency", "429", "evolve"]]


def test_counters_tell_what_became_of_a_fault() -> None:
    plan = a_plan(Fault(kind="429", every=2))
    kinds(plan, 5)

    (planned,) = plan

    assert (planned.id, planned.seen, planned.hits) == (1, 5, 2)


def test_script_answers_in_order_and_then_ends() -> None:
    plan = FaultPlan()
    plan.set_script(["503", "503; estimated_time=7.5", "200", "latency; seconds=2, 429"])

    taken = kinds(plan, 5)

    assert taken == [["503"], ["503"], [], ["latency", "429"], []]
    assert not plan


def test_normal_step_of_a_script_is_normal_whatever_else_is_planned() -> None:
    plan = a_plan(Fault(kind="429"), Fault(kind="latency"))
    plan.set_script(["200", "503"])

    assert kinds(plan, 3) == [["latency"], ["503", "latency"], ["429", "latency"]]


def test_script_of_a_model_goes_before_that_of_any() -> None:
    plan = FaultPlan()
    plan.set_script(["500"])
    plan.set_script(["503"], "acme/ner")

    assert kinds(plan, 3) == [["503"], ["500"], []]


def test_new_script_takes_the_place_of_the_old_one() -> None:
    plan = FaultPlan()
    plan.set_script(["500", "500"])
    plan.set_script(["503"])
    left = plan.steps_left()
    plan.set_script([])

    assert left == 1
    assert not plan


def test_step_that_is_no_fault_is_refused_and_changes_nothing() -> None:
    plan = FaultPlan()
    plan.set_script(["503"])

    with pytest.raises(BadFault, match="no fault 'four'"):
        plan.set_script(["500", "four"])

    assert kinds(plan, 1) == [["503"]]


def test_script_in_one_string_is_refused() -> None:
    with pytest.raises(BadFault, match="must be a list"):
        FaultPlan().set_script("503")


def test_looking_changes_nothing() -> None:
    plan = a_plan(Fault(kind="429", times=1), Fault(kind="latency", sigma=1.0))
    plan.set_script(["503"])

    looks = [plan.look("acme/ner", BODY) for _ in range(3)]

    assert looks == [plan.take("acme/ner", BODY)] * 3


def test_removed_fault_hurts_no_more() -> None:
    plan = FaultPlan()
    fault_id = plan.add(Fault(kind="429"))

    plan.remove(fault_id)

    assert not plan


def test_fault_that_is_not_there_is_named() -> None:
    with pytest.raises(BadFault, match="no fault 7; it has 1"):
        a_plan(Fault(kind="429")).remove(7)


def test_ids_are_not_used_twice() -> None:
    plan = a_plan(Fault(kind="429"))
    plan.clear()

    assert plan.add(Fault(kind="429")) == 2


def test_thousand_faults_are_enough() -> None:
    plan = a_plan(*[Fault(kind="429")] * 1000)

    with pytest.raises(TooManyFaults, match="the plan has 1000 faults"):
        plan.add(Fault(kind="429"))


def test_thousand_steps_are_enough() -> None:
    with pytest.raises(TooManyFaults, match="1001 steps"):
        FaultPlan().set_script(["503"] * 1001)


def test_hundred_scripts_are_enough() -> None:
    plan = FaultPlan()
    for number in range(100):
        plan.set_script(["503"], f"acme/{number}")

    with pytest.raises(TooManyFaults, match="100 models"):
        plan.set_script(["503"])


CHANCES = st.builds(
    Fault,
    kind=st.sampled_from(["429", "reset", "latency", "evolve"]),
    probability=st.floats(min_value=0.1, max_value=1),
    seed=st.integers(0, 3),
    times=st.integers(0, 3),
    after=st.integers(0, 3),
)


@given(st.lists(CHANCES, max_size=6))
def test_equal_plans_hurt_equal_calls_alike(faults: list[Fault]) -> None:
    one, other = a_plan(*faults), a_plan(*faults)

    assert [one.take("m", BODY) for _ in range(8)] == [other.take("m", BODY) for _ in range(8)]


@given(st.lists(CHANCES, max_size=6))
def test_one_fault_at_most_changes_the_answer(faults: list[Fault]) -> None:
    plan = a_plan(*faults)

    changing = [[kind for kind in taken if kind in ("429", "reset")] for taken in kinds(plan, 8)]

    assert max(map(len, changing)) <= 1


def test_drawn_delay_differs_from_call_to_call() -> None:
    plan = a_plan(Fault(kind="latency", sigma=0.5, seed=9))

    delays = [plan.take("m", BODY)[0].delay(0) for _ in range(5)]

    assert len(set(delays)) == 5
