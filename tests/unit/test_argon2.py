"""Passwords by argon2id: the URL chooses the cost, and an unknown user costs what a known one does."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from asyncio import gather, get_running_loop
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.errors import Invalid, Unavailable
from taskcore.identity.ports import PasswordHasher
from taskcore_crypto import Argon2Hasher, argon2_hasher
from taskcore_crypto.passwords import Cost

CHEAP = "argon2://?m=8&t=1&p=1"
T = TypeVar("T")


def now(call: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never suspends."""
    with pytest.raises(StopIteration) as done:
        call.send(None)
    value: T = done.value.value
    return value


@given(st.text(max_size=40), st.text(max_size=40))
@settings(max_examples=50)
def test_a_password_fits_its_own_hash_and_no_other(password: str, other: str) -> None:
    hasher = argon2_hasher(CHEAP, blocking=True)
    hashed = now(hasher.hash(password))

    assert now(hasher.verify(password, hashed))
    assert now(hasher.verify(other, hashed)) == (other == password)


def test_two_hashes_of_one_password_differ() -> None:
    hasher = argon2_hasher(CHEAP, blocking=True)

    assert now(hasher.hash("correct horse")) != now(hasher.hash("correct horse"))


def test_the_default_cost_is_the_least_that_is_advised() -> None:
    hashed = now(argon2_hasher("argon2://", blocking=True).hash("correct horse"))

    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_the_work_is_done_off_the_event_loop_unless_blocking() -> None:
    hasher: PasswordHasher = argon2_hasher(CHEAP)
    hashed = await hasher.hash("correct horse")

    assert await hasher.verify("correct horse", hashed)
    assert not await hasher.verify("wrong horse", hashed)


async def test_a_flood_of_logins_waits_for_threads_of_its_own() -> None:
    hasher = argon2_hasher("argon2://?m=1024")
    await gather(*(hasher.hash(f"correct horse {number}") for number in range(50)))
    working = [thread for thread in threading.enumerate() if thread in hasher._threads._threads]

    assert 1 <= len(working) <= (os.cpu_count() or 1)
    assert get_running_loop()._default_executor is None  # type: ignore[attr-defined]  # asyncio keeps it to itself


@pytest.mark.parametrize(
    "hashed",
    [
        None,
        "",
        "$argon2id$",
        "$scrypt$ln=14,r=8,p=1$c2FsdA$aGFzaA",
        "$argon2id$v=19$m=8,t=1,p=1$*$*",
        "x" * 9_999,
    ],
)
def test_no_password_fits_what_is_no_hash_of_ours(hashed: str | None) -> None:
    assert not now(argon2_hasher(CHEAP, blocking=True).verify("", hashed))


def test_an_unknown_user_costs_the_work_of_a_wrong_password() -> None:
    """Seen in the hash that is tried, not timed: it has the shape and the cost of a real one."""
    hasher = argon2_hasher("argon2://?m=16&t=3&p=2", blocking=True)
    real, nobodys = now(hasher.hash("correct horse")), hasher._nobodys

    assert costs(nobodys) == costs(real) == ["argon2id", "v=19", "m=16,t=3,p=2"]
    assert list(map(len, nobodys.split("$"))) == list(map(len, real.split("$")))


@pytest.mark.parametrize("hashed", [None, "plain"])
def test_the_work_for_an_unknown_user_is_really_done(hashed: str | None) -> None:
    hasher = argon2_hasher(CHEAP, blocking=True)
    hasher._nobodys = "$argon2id$v=19$m=1,t=1,p=1$c29tZXNhbHQ$YWFhYWFhYWFhYWFhYWFhYQ"

    with pytest.raises(Unavailable):  # only who tries that hash learns that argon2 cannot compute it
        now(hasher.verify("correct horse", hashed))


def test_what_argon2_cannot_compute_is_no_wrong_password() -> None:
    too_little = Argon2Hasher(Cost(memory_kib=1, passes=1), blocking=True)

    with pytest.raises(Unavailable):
        now(too_little.hash("correct horse"))


def test_a_missing_library_is_told_when_the_hasher_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "argon2", None)

    with pytest.raises(ModuleNotFoundError) as missing:
        argon2_hasher(CHEAP)
    assert missing.value.name == "argon2"


def test_a_password_may_hold_any_text() -> None:
    hasher = argon2_hasher(CHEAP, blocking=True)

    assert now(hasher.verify("\ud800\0é", now(hasher.hash("\ud800\0é"))))


def costs(hashed: str) -> list[str]:
    return hashed.split("$")[1:4]


@pytest.mark.parametrize(
    ("made_with", "outdated"),
    [
        ("m=64&t=2&p=1", False),
        ("m=32&t=2&p=1", True),
        ("m=64&t=1&p=1", True),
        ("m=128&t=3&p=1", False),
        ("m=64&t=2&p=4", False),
    ],
)
def test_a_hash_is_outdated_when_it_was_made_with_less(made_with: str, outdated: bool) -> None:  # noqa: FBT001  a table's column
    hashed = now(argon2_hasher(f"argon2://?{made_with}", blocking=True).hash("correct horse"))

    assert argon2_hasher("argon2://?m=64&t=2&p=1").is_outdated(hashed) is outdated


@pytest.mark.parametrize(
    "hashed",
    [
        "",
        "plain",
        "$argon2id$v=16$m=8,t=1,p=1$c29tZXNhbHQx$" + 43 * "Y",
        "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQx$" + 43 * "Y",
        "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQx$" + 22 * "Y",
    ],
)
def test_a_hash_of_another_kind_or_length_is_outdated(hashed: str) -> None:
    assert argon2_hasher(CHEAP).is_outdated(hashed)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("argon2://?memory=8", "memory: argon2:// knows m"),
        ("argon2://?m=", "m: must be a whole number from 8"),
        ("argon2://?m=7", "m: must be a whole number from 8"),
        ("argon2://?m=-8", "m: must be"),
        ("argon2://?t=0", "t: must be a whole number from 1"),
        ("argon2://?t=2.5", "t: must be"),
        ("argon2://?t=²", "t: must be"),
        ("argon2://?p=65", "p: must be"),
        ("argon2://?p=2&p=2", "p: given twice"),
        ("argon2://?m=8&p=2", "p=2 needs at least m=16"),
        ("argon2://host", "written argon2://?m=19456&t=2&p=1"),
        ("scrypt://", "written argon2://?m=19456&t=2&p=1"),
    ],
)
def test_a_url_that_cannot_be_meant_is_refused(url: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        argon2_hasher(url)

    assert said in refused.value.message


def test_all_faults_of_a_url_are_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        argon2_hasher("argon2://?m=1&t=x&memory=8")

    assert [fault.field for fault in refused.value.faults] == ["m", "t", "memory"]


def test_nothing_heavy_is_loaded_before_the_first_password_or_token() -> None:
    code = (
        "import sys, taskcore_crypto as c; c.argon2_hasher('argon2://', blocking=True); c.AccessTokens([bytes(32)]);c.external_tokens('oidc://')(issuer='https://a.example', audience='b');"
        "print([m for m in ('argon2', 'joserfc', 'httpx', 'cryptography', 'asyncio') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  our own

    assert ran.stdout.strip() == "[]"
