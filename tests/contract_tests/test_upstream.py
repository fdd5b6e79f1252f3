import pytest

from nertwin.contract_tests.upstream import NoWay, Upstream, Upstreams, parse_upstream

CORP = {"HTTPS_PROXY": "http://proxy.corp:3128"}
THROUGH_CORP = Upstream("proxy.corp", 3128)


def found(environ: dict[str, str], host: str, *, scheme: str = "https") -> Upstream | None:
    return Upstreams(environ).find(scheme, host, 443 if scheme == "https" else 80)


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param(CORP, id="its own"),
        pytest.param({"https_proxy": "http://proxy.corp:3128"}, id="in lower case"),
        pytest.param({"ALL_PROXY": "proxy.corp:3128"}, id="that of all, as a host and port"),
        pytest.param({**CORP, "HTTP_PROXY": "http://other.corp"}, id="beside that of http"),
        pytest.param(
            {"https_proxy": "http://proxy.corp:3128", "HTTPS_PROXY": "http://other.corp"},
            id="lower case first",
        ),
    ],
)
def test_host_is_reached_by_the_proxy_of_its_scheme(environ: dict[str, str]) -> None:
    assert found(environ, "example.com") == THROUGH_CORP


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({}, id="none"),
        pytest.param({"HTTP_PROXY": "http://proxy.corp:3128"}, id="for another scheme"),
        pytest.param({**CORP, "https_proxy": ""}, id="taken away"),
    ],
)
def test_host_is_reached_directly_where_no_proxy_is_named(environ: dict[str, str]) -> None:
    assert found(environ, "example.com") is None


@pytest.mark.parametrize(
    ("words", "host"),
    [
        ("*", "example.com"),
        ("other.org, example.com", "example.com"),
        (".example.com", "api.example.com"),
        ("example.com:443", "example.com"),
        ("10.0.0.0/8", "10.1.2.3"),
        ("fd00::/8", "fd00::1"),
        ("fd00::1", "fd00::1"),
        ("*.EXAMPLE.com", "api.Example.com"),
        ("other.org,*", "example.com"),
        ("", "127.0.0.1"),
        ("", "localhost"),
    ],
)
def test_host_that_is_excepted_is_reached_directly(words: str, host: str) -> None:
    assert found({**CORP, "NO_PROXY": words}, host) is None


@pytest.mark.parametrize(
    ("words", "host"),
    [
        ("example.com", "example.com.evil.org"),
        ("10.0.0.0/8", "11.1.2.3"),
        ("ample.com", "example.com"),
        (", ,", "example.com"),
        ("10.0.0.0/8", "fd00::1"),
        ("10.0.0.0/8", "ten.corp"),
        ("no/network", "10.1.2.3"),
        ("example.com:80", "example.com"),
    ],
)
def test_host_that_is_not_excepted_is_not(words: str, host: str) -> None:
    assert found({**CORP, "NO_PROXY": words}, host) == THROUGH_CORP


def test_credentials_of_its_url_are_for_the_proxy_and_never_shown() -> None:
    upstream = parse_upstream("http://ada:s3cret%21@proxy.corp")

    assert upstream.headers() == ((b"Proxy-Authorization", b"Basic YWRhOnMzY3JldCE="),)
    assert "YWRh" not in repr(upstream)
    assert "s3cret" not in repr(upstream)


@pytest.mark.parametrize(
    ("named", "port", "has_tls"),
    [("proxy.corp", 80, False), ("https://proxy.corp", 443, True), ("http://[::1]:3", 3, False)],
)
def test_proxy_has_the_port_of_its_scheme(named: str, port: int, *, has_tls: bool) -> None:
    upstream = parse_upstream(named)

    assert (upstream.port, upstream.has_tls) == (port, has_tls)


@pytest.mark.parametrize(
    "named",
    ["socks5h://ada:s3cret@proxy.corp", "http://ada:s3cret@proxy.corp:x", "http://s3cret@[", "//"],
)
def test_proxy_that_can_not_be_asked_is_told_without_its_password(named: str) -> None:
    with pytest.raises(NoWay, match="environment names a proxy") as told:
        parse_upstream(named)

    assert "s3cret" not in str(told.value)
