"""What a webhook's URL may say, and what it is read as."""

from __future__ import annotations

from ipaddress import ip_network
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.delivery.destinations import BAD_PORTS, Destination, objection, read
from tests.unit.delivery.places import NOT_PUBLIC, PUBLIC, TRICKS

OFFICE = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


def written(address: str) -> str:
    return f"[{address}]" if ":" in address else address


@pytest.mark.parametrize(
    ("url", "meant", "authority"),
    [
        ("https://example.org", Destination("https", "example.org", 443, "/"), "example.org"),
        ("HTTPS://Example.ORG:443/a", Destination("https", "example.org", 443, "/a"), "example.org"),
        (
            "https://a.example:8443/h?k=v&w",
            Destination("https", "a.example", 8443, "/h?k=v&w"),
            "a.example:8443",
        ),
        ("https://example.org?k=v", Destination("https", "example.org", 443, "/?k=v"), "example.org"),
        ("https://example.org/a@b:c", Destination("https", "example.org", 443, "/a@b:c"), "example.org"),
        ("https://[2A00::1]:444/%20", Destination("https", "2a00::1", 444, "/%20"), "[2a00::1]:444"),
        (
            "https://my_hooks-1.example",
            Destination("https", "my_hooks-1.example", 443, "/"),
            "my_hooks-1.example",
        ),
        (
            "https://xn--bcher-kva.example",
            Destination("https", "xn--bcher-kva.example", 443, "/"),
            "xn--bcher-kva.example",
        ),
        ("http://1.1.1.1:80/", Destination("http", "1.1.1.1", 80, "/"), "1.1.1.1"),
    ],
)
def test_a_url_is_taken_apart(url: str, meant: Destination, authority: str) -> None:
    assert (read(url), read(url).authority) == (meant, authority)


@pytest.mark.parametrize("trick", TRICKS)
def test_a_url_that_could_be_read_in_two_ways_or_leads_inside_is_objected_to(trick: str) -> None:
    assert objection(trick.format(port=8_443)) is not None


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_objected_to(address: str) -> None:
    assert objection(f"https://{written(address)}/") is not None


@pytest.mark.parametrize("address", PUBLIC)
def test_nothing_is_said_against_a_public_address(address: str) -> None:
    assert objection(f"https://{written(address)}/hook") is None


@pytest.mark.parametrize("port", sorted(BAD_PORTS))
def test_where_other_protocols_listen_no_webhook_goes(port: int) -> None:
    assert objection(f"https://example.org:{port}/") == f"must not go to port {port}"


@pytest.mark.parametrize(
    "url",
    [
        *("https://10.1.2.3/", "http://10.1.2.3:8080/", "http://[::1]:5678/", "http://localhost:5678/"),
        *("http://n8n:5678/webhook", "https://hooks.internal/"),
    ],
)
def test_what_the_operator_allows_is_not_objected_to(url: str) -> None:
    assert objection(url, OFFICE) is None


@pytest.mark.parametrize(
    "url", ["http://1.1.1.1/", "http://127.0.0.1/", "https://192.168.0.1/", "https://10.1/"]
)
def test_what_the_operator_allows_is_no_more_than_that(url: str) -> None:
    assert objection(url, OFFICE) is not None


def test_without_tls_nobody_is_called_whom_the_operator_has_not_allowed() -> None:
    assert objection("http://example.org/") == "must begin with https://"


def test_a_url_has_a_bounded_length() -> None:
    longest = "https://example.org/" + 1_980 * "a"

    assert objection(longest) is None
    assert objection(f"{longest}a") is not None


@given(st.text(alphabet="https:/\\@#?[]%.0127x:a- \t\n\u3002\uff11", max_size=40))
def test_what_is_accepted_is_read_alike_by_others(tail: str) -> None:
    url = f"https://{tail}"
    if objection(url) is None:
        ours, theirs = read(url), urlsplit(url)

        assert (ours.host, ours.port) == (theirs.hostname, theirs.port or 443)
