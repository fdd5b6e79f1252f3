import pytest

from nertwin.contract_tests.recipes import NODE_PACKAGES, PACKAGES, PROGRAMS, Version


@pytest.mark.parametrize(
    ("version", "how", "why"),
    [
        ((0, 16, 4), "requests", "InferenceClient.post()"),
        ((0, 17, 3), "requests", "HF_INFERENCE_ENDPOINT changes that"),
        ((0, 27, 1), "requests", "calls again each second"),
        ((0, 28, 1), "requests", "ignores base_url"),
        ((0, 36, 2), "aiohttp", "router.huggingface.co whatever"),
        ((1, 33, 0), "httpx", "router.huggingface.co whatever"),
        ((2, 4, 0), "httpx2", "router.huggingface.co whatever"),
    ],
)
def test_each_line_of_the_hub_leaks_its_own_way(version: Version, how: str, why: str) -> None:
    recipe = PACKAGES["huggingface_hub"](version)

    assert recipe.standing == "redirected"
    assert how in recipe.how
    assert why in recipe.why


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ((2, 8, 1), "api-inference.huggingface.co"),
        ((3, 2, 0), "router.huggingface.co"),
        ((4, 13, 30), "at once, for ever"),
    ],
)
def test_each_line_of_the_node_client_leaks_its_own_way(version: Version, why: str) -> None:
    assert why in NODE_PACKAGES["@huggingface/inference"](version).why


def test_node_that_knows_no_such_modules_is_not_redirected() -> None:
    assert PROGRAMS["node"]((12, 22)).standing == "leaks"
    assert PROGRAMS["node"]((20, 20, 2)).standing == "redirected"


@pytest.mark.parametrize(
    ("name", "version", "standing", "how"),
    [
        ("deno", (2, 5, 7), "conditional", "DENO_CERT"),
        ("deno", (2, 9, 6), "redirected", "NODE_OPTIONS"),
        ("bun", (1, 2, 3), "conditional", "NODE_EXTRA_CA_CERTS"),
        ("bun", (1, 4, 5), "redirected", "BUN_INSPECT_PRELOAD"),
    ],
)
def test_runtime_that_loads_a_preload_is_redirected_in_its_own_process(
    name: str, version: Version, standing: str, how: str
) -> None:
    recipe = PROGRAMS[name](version)

    assert recipe.standing == standing
    assert how in recipe.how


def test_curl_cffi_trusts_what_it_is_told_to_from_a_release_on() -> None:
    assert PACKAGES["curl_cffi"]((0, 10, 0)).standing == "conditional"
    assert PACKAGES["curl_cffi"]((0, 13, 0)).standing == "redirected"


@pytest.mark.parametrize(
    ("name", "standing"),
    [("niquests", "redirected"), ("pycurl", "conditional"), ("tornado", "leaks")],
)
def test_clients_that_nertwin_has_no_hook_for_stand_as_they_were_measured(
    name: str, standing: str
) -> None:
    assert PACKAGES[name]((9,)).standing == standing


ALL = {**PACKAGES, **PROGRAMS, **NODE_PACKAGES}


@pytest.mark.parametrize("name", ALL)
def test_what_is_not_simply_redirected_says_why(name: str) -> None:
    recipe = ALL[name](())

    assert recipe.how
    assert recipe.standing == "redirected" or recipe.why
    assert recipe.standing != "leaks" or recipe.remedy
