from mutants.mutant import Mutant, edit_entries

MUTANTS: dict[str, Mutant] = {
    "score.probability": Mutant(
        change=edit_entries(lambda entry: entry.fields | {"score": entry.fields["score"] * 128}),
    ),
    "score.single-precision": Mutant(
        change=edit_entries(
            lambda entry: entry.fields | {"score": round(entry.fields["score"], 4)}
        ),
    ),
}
