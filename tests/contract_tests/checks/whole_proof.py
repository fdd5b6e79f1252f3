"""Each mutant before all checks; `nox -s mutants` runs it, for it takes minutes."""

import pytest
from mutants import MUTANTS
from support.proof import Stands, prove


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught_by_its_clause_and_no_other(name: str, stands: Stands) -> None:
    mutant = MUTANTS[name]

    failed, errors = prove(mutant, stands)

    wanted = {name.partition("/")[0], *mutant.also}
    assert failed & wanted == wanted if mutant.is_total else failed == wanted
    assert errors == 0
