import json
import os
from pathlib import Path

from nertwin.contract_tests.authority import CA_VARIABLES
from nertwin.contract_tests.environment import PRELOAD, changed, redirecting
from nertwin.contract_tests.redirecting.programs import VARIABLE, Orders

ORDERS = Orders("http://127.0.0.1:1/s/a", "api", "/tmp/attempts")  # noqa: S108
BUNDLE = Path("/bundle.pem")


def environment(**before: str) -> dict[str, str]:
    changes = redirecting(before, ORDERS, proxy="http://127.0.0.1:2", bundle=BUNDLE)
    return changed(before, changes)


def test_http_of_both_kinds_goes_to_the_proxy_whose_authority_is_trusted() -> None:
    found = environment()

    proxies = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
    assert {found[name] for name in proxies} == {"http://127.0.0.1:2"}
    assert {found[name] for name in CA_VARIABLES} == {"/bundle.pem"}


def test_without_an_authority_programs_trust_what_they_did() -> None:
    changes = redirecting({}, ORDERS, proxy="http://127.0.0.1:2", bundle=None)

    assert not set(CA_VARIABLES) & set(changes)


def test_preloads_are_added_to_what_is_there() -> None:
    found = environment(PYTHONPATH="/mine", NODE_OPTIONS="--no-warnings", HOME="/home")

    assert found["PYTHONPATH"].split(os.pathsep) == [str(PRELOAD), "/mine"]
    assert found["NODE_OPTIONS"] == f'--no-warnings --require "{PRELOAD / "redirect.cjs"}"'
    assert found["HOME"] == "/home"
    assert json.loads(found[VARIABLE])["url"] == ORDERS.url


def test_what_keeps_a_client_from_calling_is_taken_away() -> None:
    found = environment(HF_HUB_OFFLINE="1", HF_ENDPOINT="https://mirror.example", HF_HOME="/hf")

    assert "HF_HUB_OFFLINE" not in found
    assert "HF_ENDPOINT" not in found
    assert found["HF_HOME"] == "/hf"


def test_apis_hosts_can_not_be_asked_past_the_proxy() -> None:
    found = environment(NO_PROXY="intra.example, .huggingface.co,*")

    assert found["NO_PROXY"] == found["no_proxy"] == "intra.example,127.0.0.1,localhost,::1"


def test_bun_loads_the_preload_of_node() -> None:
    assert environment()["BUN_INSPECT_PRELOAD"] == str(PRELOAD / "redirect.cjs")


def test_preload_that_bun_has_already_stays() -> None:
    assert environment(BUN_INSPECT_PRELOAD="/mine.js")["BUN_INSPECT_PRELOAD"] == "/mine.js"


def test_runtime_asks_for_no_release_of_its_own() -> None:
    assert environment()["DENO_NO_UPDATE_CHECK"] == "1"
