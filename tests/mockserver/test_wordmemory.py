from nertwin.mockserver.wordmemory import LONGEST_KEPT, WordMemory


def test_value_of_a_word_is_worked_out_once() -> None:
    asked: list[str] = []
    lengths = WordMemory(lambda word: asked.append(word) or len(word))  # type: ignore[func-returns-value]  # Both.

    found = [lengths[word] for word in ("Ada", "Ada", "Grace")]

    assert found == [3, 3, 5]
    assert asked == ["Ada", "Grace"]


def test_full_memory_begins_anew() -> None:
    lengths = WordMemory(len, most=2)

    found = [lengths[word] for word in ("a", "bb", "ccc", "a")]

    assert found == [1, 2, 3, 1]
    assert sorted(lengths) == ["a", "ccc"]


def test_what_may_be_secret_or_large_is_not_kept() -> None:
    secret = "x" * (LONGEST_KEPT + 1)
    lengths = WordMemory(len)

    assert lengths[secret] == len(secret)
    assert secret not in lengths
    assert len("hf_" + "x" * 34) - 3 > LONGEST_KEPT
