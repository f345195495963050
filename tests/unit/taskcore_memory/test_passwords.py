"""Passwords by scrypt, from the standard library."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.errors import Invalid
from taskcore.identity.ports import PasswordHasher
from taskcore.mirror import run_unsuspended
from taskcore_memory import scrypt_hasher

CHEAP = "scrypt://?n=2"
T = TypeVar("T")
passwords = st.text(st.characters(codec=None), max_size=40)


def now(call: Coroutine[Any, Any, T]) -> T:
    return run_unsuspended(call)


@given(password=passwords, other=passwords)
@settings(max_examples=50)
def test_a_password_fits_its_own_hash_and_no_other(password: str, other: str) -> None:
    hasher = scrypt_hasher(CHEAP, blocking=True)
    hashed = now(hasher.hash(password))

    assert now(hasher.verify(password, hashed))
    assert now(hasher.verify(other, hashed)) == (other == password)


def test_two_hashes_of_one_password_differ() -> None:
    hasher = scrypt_hasher(CHEAP, blocking=True)

    assert now(hasher.hash("correct horse")) != now(hasher.hash("correct horse"))


@pytest.mark.parametrize(
    "hashed",
    [
        None,
        "",
        "$scrypt$",
        "$scrypt$n=2$*$*",
        "$scrypt$n=3$c2FsdA==$aGFzaA==",
        "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA",
    ],
)
def test_no_password_fits_what_is_no_hash_of_ours(hashed: str | None) -> None:
    assert not now(scrypt_hasher(CHEAP, blocking=True).verify("", hashed))


def test_a_hash_of_another_cost_still_fits_and_is_outdated() -> None:
    weak, strong = scrypt_hasher(CHEAP, blocking=True), scrypt_hasher("scrypt://?n=4", blocking=True)
    hashed = now(weak.hash("correct horse"))

    assert now(strong.verify("correct horse", hashed))
    assert strong.is_outdated(hashed)
    assert not weak.is_outdated(hashed)


def test_the_default_cost_is_that_of_interactive_logins() -> None:
    assert now(scrypt_hasher("scrypt://", blocking=True).hash("correct horse")).startswith("$scrypt$n=16384$")


async def test_the_work_is_done_off_the_event_loop_unless_blocking() -> None:
    hasher: PasswordHasher = scrypt_hasher(CHEAP)
    hashed = await hasher.hash("correct horse")

    assert await hasher.verify("correct horse", hashed)
    assert not await hasher.verify("wrong horse", hashed)


@pytest.mark.parametrize(
    "url", ["scrypt://?n=3", "scrypt://?n=1", "scrypt://?n=x", "scrypt://?n=-2", "scrypt://?r=8"]
)
def test_a_url_that_says_anything_else_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="hasher"):
        scrypt_hasher(url)
