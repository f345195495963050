"""Whom a request counts for, whatever its headers claim, and what its answer says of limits."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.types import Scope

from taskcore.limits import Rate, Verdict
from taskcore_http.client import address, limit_field, limit_key, policy_field, retry_after

PROXIES = tuple(map(ip_network, ("127.0.0.1", "::1", "10.0.0.0/8", "2001:db8:ffff::/48")))
PROXY = "10.0.0.1"
ALLOWED = Verdict(allowed=True, remaining=19, reset_seconds=3.0, retry_after_seconds=0.0)


def came(peer: str | None, *forwarded: str) -> Scope:
    fields = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    scope: dict[str, Any] = {"client": (peer, 4711) if peer else None, "headers": [(b"host", b"x"), *fields]}
    return cast("Scope", scope)


def test_who_connects_directly_is_the_client_whatever_they_claim() -> None:
    assert address(came("203.0.113.9", "198.51.100.1"), PROXIES) == "203.0.113.9"


def test_nobody_is_believed_where_no_proxy_is_trusted() -> None:
    assert address(came("127.0.0.1", "198.51.100.1"), ()) == "127.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        (["made, up, 198.51.100.1,10.9.9.9 ,\t127.0.0.1"], "198.51.100.1"),
        (["192.0.2.7, 198.51.100.1"], "198.51.100.1"),
        (["192.0.2.7", "198.51.100.1", "10.9.9.9"], "198.51.100.1"),
        (["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
        ([], PROXY),
    ],
)
def test_behind_proxies_the_nearest_one_that_is_none_of_them_is_the_client(
    forwarded: list[str], client: str
) -> None:
    assert address(came(PROXY, *forwarded), PROXIES) == client


@pytest.mark.parametrize(
    ("hop", "client"),
    [
        ("198.51.100.1:8080", "198.51.100.1"),
        ("2001:db8::9", "2001:db8::9"),
        ("2001:DB8:0:0::9", "2001:db8::9"),
        ("[2001:db8::9]", "2001:db8::9"),
        ("[2001:db8::9]:8080", "2001:db8::9"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("[::ffff:198.51.100.1]:80", "198.51.100.1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_a_client_has_one_address_however_it_is_written(hop: str, client: str) -> None:
    assert address(came(PROXY, hop), PROXIES) == client


@pytest.mark.parametrize(
    "garbage",
    [
        *(
            "",
            " ",
            "unknown",
            "_hidden",
            "localhost",
            "198.51.100",
            "198.51.100.1.2",
            "198.51.100.01",
            "256.1.1.1",
        ),
        *("198.51.100.1:", "198.51.100.1:http", "198.51.100.1:123456", "[198.51.100.1]", "[2001:db8::9"),
        *("[2001:db8::9]x", "[2001:db8::9]:", "[]", "[", "2001:db8::g", '"198.51.100.1"', "198.51.100.1/32"),
        *("for=198.51.100.1", "\u00b9\u00b2.1.1.1", "%", "\0", "9" * 70_000, "fe80::1%" + "x" * 70_000),
    ],
    ids=repr,
)
def test_what_cannot_be_read_ends_the_search_at_the_proxy_that_said_it(garbage: str) -> None:
    assert address(came(PROXY, f"192.0.2.7, {garbage}, 10.9.9.9"), PROXIES) == "10.9.9.9"


def test_a_proxy_is_trusted_however_its_address_is_written() -> None:
    assert address(came("::ffff:10.0.0.1", "198.51.100.1"), PROXIES) == "198.51.100.1"
    assert address(came("2001:db8:ffff::1", "198.51.100.1"), PROXIES) == "198.51.100.1"


@pytest.mark.parametrize("peer", [None, "", "testclient"])
def test_who_has_no_address_is_no_proxy_and_still_has_a_name(peer: str | None) -> None:
    assert address(came(peer, "198.51.100.1"), PROXIES) in ("unknown", "testclient")


@given(st.lists(st.text(max_size=20) | st.ip_addresses().map(str), max_size=6))
def test_no_header_can_make_a_request_come_from_beyond_the_nearest_stranger(claims: list[str]) -> None:
    claimed = ", ".join(claims).encode("latin-1", "replace").decode("latin-1")

    assert address(came(PROXY, claimed, "203.0.113.9"), PROXIES) == "203.0.113.9"


@pytest.mark.parametrize(
    ("client", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("unknown", "unknown"),
    ],
)
def test_a_limit_counts_for_all_addresses_of_one_customer(client: str, key: str) -> None:
    assert limit_key(client) == key


@pytest.mark.parametrize(
    ("rate", "field"),
    [
        (Rate(amount=20, seconds=60, burst=20), '"auth";q=20;w=60'),
        (Rate(amount=100, seconds=1, burst=1_000), '"auth";q=1000;w=10'),
        (Rate(amount=100, seconds=1, burst=10), '"auth";q=10;w=1'),
        (Rate(amount=7, seconds=60, burst=10), '"auth";q=10;w=86'),
    ],
)
def test_a_policy_is_told_as_a_full_bucket_and_the_time_it_takes_to_fill(rate: Rate, field: str) -> None:
    assert policy_field("auth", rate) == field


def test_what_is_left_is_told_with_the_time_until_all_is_back() -> None:
    assert limit_field("auth", ALLOWED) == '"auth";r=19;t=3'


@pytest.mark.parametrize(("seconds", "told"), [(2.000001, 3), (3.0, 3), (0.01, 1), (0.0, 1)])
def test_who_is_refused_is_told_one_time_in_both_fields(seconds: float, told: int) -> None:
    refused = Verdict(allowed=False, remaining=0, reset_seconds=59.0, retry_after_seconds=seconds)

    assert retry_after(refused) == told
    assert limit_field("auth", refused) == f'"auth";r=0;t={told}'
