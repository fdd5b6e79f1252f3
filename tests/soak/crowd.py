"""64 clients over 64 sessions for a minute. ``nox -s soak`` runs it; its name hides it from others.

Each clears its journal now and then, for a journal that fills is no leak; that one has a bound
is held by ``hot_loop.py``.
"""

import os
import threading
import time

from support.crowd import crowded_server, holdings, play_together, settled

SECONDS = float(os.environ.get("SOAK_SECONDS", "60"))
MIB = 1024 * 1024


def test_crowd_leaves_nothing_behind_and_memory_stays_flat() -> None:
    resident: list[int] = []
    stop = threading.Event()

    with crowded_server() as url:
        play_together(url, 64, is_over=lambda rounds: rounds == 2)  # Imports, caches, arenas.
        before = settled(url, holdings(url))

        def watch() -> None:
            while not stop.wait(SECONDS / 20):
                resident.append(holdings(url).resident)

        watching = threading.Thread(target=watch)
        watching.start()
        end = time.monotonic() + SECONDS
        rounds = play_together(url, 64, is_over=lambda _: time.monotonic() > end)
        stop.set()
        watching.join()
        after = settled(url, before)

    print(f"{rounds} rounds; resident MiB {[round(each / MIB, 1) for each in resident]}")
    assert rounds > 64
    assert (after.tasks, after.descriptors) == (before.tasks, before.descriptors)
    half = len(resident) // 2
    assert max(resident[half:]) - max(resident[:half]) < 8 * MIB
