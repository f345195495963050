"""Which addresses are public: each special network with its edges, and what lies just beside them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.delivery.addresses import NOT_PUBLIC_V4, NOT_PUBLIC_V6, is_allowed, is_public
from tests.unit.delivery.places import NOT_PUBLIC, PUBLIC


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_an_address_of_a_special_network_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_beside_a_special_network_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("network", [*NOT_PUBLIC_V4, *NOT_PUBLIC_V6], ids=str)
def test_a_special_network_is_refused_from_its_first_address_to_its_last(network: object) -> None:
    special = ip_network(str(network))

    assert not is_public(special[0])
    assert not is_public(special[-1])


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_inside_an_ipv6_address_is_never_public(number: int) -> None:
    inside = IPv4Address(number)
    forms = (
        *(f"::{inside}", f"::ffff:{inside}", f"::ffff:0:{inside}", f"64:ff9b::{inside}"),
        *(
            f"64:ff9b:1::{inside}",
            f"2a00:1450:4001:81b:0:5efe:{inside}",
            f"2a00:1450:4001:81b:200:5efe:{inside}",
        ),
    )
    six_to_four = IPv6Address(0x2002 << 112 | number << 80 | 1)
    teredo = IPv6Address(0x2001 << 112 | number ^ 0xFFFF_FFFF)

    assert not any(is_public(address) for address in (*map(IPv6Address, forms), six_to_four, teredo))


@given(st.integers(0, 2**128 - 1))
def test_a_scope_makes_any_address_local(number: int) -> None:
    assert not is_public(IPv6Address(f"{IPv6Address(number)}%1"))


def test_what_is_allowed_is_taken_to_the_letter() -> None:
    allowed = [ip_network("127.0.0.0/8"), ip_network("fd00::/8")]
    judged = {
        text: is_allowed(ip_address(text), allowed) for text in ("127.0.0.1", "::ffff:127.0.0.1", "fd00::1")
    }

    assert judged == {"127.0.0.1": True, "::ffff:127.0.0.1": False, "fd00::1": True}
