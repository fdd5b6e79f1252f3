import pytest

from nertwin.mockserver.labels import LabelTable


@pytest.mark.parametrize(
    ("label", "begins", "rest", "group"),
    [
        ("O", False, "O", "O"),
        ("B-PER", True, "PER", "PER"),
        ("I-PER", False, "PER", "PER"),
        ("NOUN", False, "NOUN", "NOUN"),
        ("b-per", False, "b-per", "per"),
        ("S-PER", False, "S-PER", "PER"),
        ("B_PER", False, "B_PER", "B_PER"),
        ("B-PER-nam", True, "PER-nam", "PER-nam"),
        ("LOC-CITY", False, "LOC-CITY", "CITY"),
        ("-LRB-", False, "-LRB-", "LRB-"),
        ("B-O", True, "O", "O"),
        ("B-", True, "", ""),
    ],
)
def test_label_is_split_as_the_pipeline_splits_it(
    label: str, begins: bool, rest: str, group: str
) -> None:
    table = LabelTable((label,))

    assert (table.begins, table.rests, table.groups) == ((begins,), (rest,), (group,))
