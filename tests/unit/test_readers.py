"""How rates and networks are written in settings."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from taskcore.limits import Rate
from taskcore_app.readers import networks, rate


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *((f"20/{unit}", Rate(20, 60, 20)) for unit in ("minute", "min", "m")),
        *((f"100/{unit}", Rate(100, 1, 100)) for unit in ("second", "sec", "s")),
        *((f"1000/{unit}", Rate(1_000, 3_600, 1_000)) for unit in ("hour", "h")),
        *((f"100/s{burst}", Rate(100, 1, 1_000)) for burst in (" burst 1000", ",burst=1000", ":1000")),
        ("100/s, burst=5", Rate(100, 1, 5)),
        (" 20 / min ", Rate(20, 60, 20)),
        ("off", None),
    ],
)
def test_a_rate_is_written_as_people_say_it(written: str, meant: Rate | None) -> None:
    assert rate(written) == meant


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            "",
            "20",
            "20/",
            "/minute",
            "20/day",
            "20/minutes",
            "20 per minute",
            "-1/s",
            "1.5/s",
            "1e3/s",
            "0/s",
        ),
        *("1000001/s", "20/s burst", "20/s burst 0", "20/s burst 1000001", "20/s,10", "OFF", "no"),
        *(20, None, False, ["20/s"], "9" * 100),
    ],
    ids=repr,
)
def test_anything_else_is_no_rate(wrong: object) -> None:
    with pytest.raises(ValueError, match="must be a rate such as 20/minute"):
        rate(wrong)


@pytest.mark.parametrize("written", ["20/minute", "100/s burst 1000", "1000/hour burst 1"])
def test_a_rate_is_shown_as_it_can_be_written(written: str) -> None:
    assert str(rate(written)) == written


def test_networks_are_addresses_and_blocks_of_them() -> None:
    meant = tuple(map(ip_network, ("10.0.0.0/8", "127.0.0.1/32", "2001:db8::/32")))

    assert networks("10.0.0.0/8, 127.0.0.1,2001:db8::/32") == meant
    assert networks(["10.0.0.0/8", "127.0.0.1", "2001:db8::/32"]) == meant
    assert networks([]) == ()


@pytest.mark.parametrize(
    "wrong", ["", "10.0.0.0/8,", "10.0.0.1/8", "10.0.0.0/33", "proxy.example.org", [10], 10, None], ids=repr
)
def test_anything_else_is_no_network(wrong: object) -> None:
    with pytest.raises(
        ValueError, match=r"must be addresses and networks such as 127\.0\.0\.1, 10\.0\.0\.0/8"
    ):
        networks(wrong)
