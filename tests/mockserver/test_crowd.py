"""Many sessions at once, with opposite settings; ``tests/soak`` has the same for a minute."""

from concurrent.futures import ThreadPoolExecutor

from support.crowd import Member, crowded_server, holdings, play_together, settled

from nertwin.mockserver.control.client import Control


def test_200_parallel_sessions_with_opposite_settings_never_see_each_other() -> None:
    with (
        crowded_server() as url,
        Control(url) as control,
        ThreadPoolExecutor(4) as threads,
    ):
        members = [Member(control, number) for number in range(1, 201)]

        list(threads.map(Member.play, members))

        assert len(control.sessions()) == 200
        list(threads.map(Member.leave, members))


def test_64_clients_at_once_leave_no_task_and_no_socket() -> None:
    with crowded_server() as url:
        before = holdings(url)

        rounds = play_together(url, 64, is_over=lambda rounds: rounds == 1)

        after = settled(url, before)
    assert rounds == 64
    assert (after.tasks, after.descriptors) == (before.tasks, before.descriptors)
