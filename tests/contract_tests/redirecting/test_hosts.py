import pytest

from nertwin.contract_tests.redirecting.hosts import is_api, is_local, is_owned, path_on_stand_in


@pytest.mark.parametrize(
    "host",
    [
        "api-inference.huggingface.co",
        "router.huggingface.co",
        "huggingface.co",
        "HuggingFace.co.",
        "hf.co",
        "ab12.eu-west-1.aws.endpoints.huggingface.cloud",
    ],
)
def test_stand_in_answers_for_the_apis_hosts(host: str) -> None:
    assert is_api(host)
    assert is_owned(host)


@pytest.mark.parametrize(
    "host", ["cdn-lfs.huggingface.co", "cas-server.xethub.hf.co", "a.hf.space"]
)
def test_other_hosts_of_the_owner_are_no_hosts_of_the_api(host: str) -> None:
    assert is_owned(host)
    assert not is_api(host)


@pytest.mark.parametrize(
    "host", ["example.com", "nothuggingface.co", "huggingface.co.example.com", "", "127.0.0.1"]
)
def test_hosts_of_others_are_nobodys_business(host: str) -> None:
    assert not is_owned(host)
    assert not is_api(host)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.9.9.9", "localhost", "app.localhost", "::1", "[::1]", "::ffff:127.0.0.1"],
)
def test_this_machine_is_known(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["127.example.com", "10.0.0.1", "localhost.example.com", "hf.co"])
def test_another_machine_is_not_this_one(host: str) -> None:
    assert not is_local(host)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/models/a/b?x=1", "/models/a/b?x=1"),
        ("", "/"),
        ("/api/inference-proxy/hf-inference/models/a/b", "/hf-inference/models/a/b"),
    ],
)
def test_path_is_that_of_the_stand_in(target: str, path: str) -> None:
    assert path_on_stand_in(target) == path
