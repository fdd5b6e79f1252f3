from nertwin.mockserver.budget import Budget


def test_part_counts_for_the_whole() -> None:
    whole = Budget()
    part, other = Budget(whole), Budget(whole)

    part.add(10)
    other.add(5)
    part.add(-3)

    assert (part.held, other.held, whole.held) == (7, 5, 12)


def test_part_that_is_detached_counts_only_for_itself() -> None:
    whole = Budget()
    part = Budget(whole)
    part.add(10)

    part.detach()
    part.add(1)
    part.detach()

    assert (part.held, whole.held) == (11, 0)
