"""Access tokens: what is issued is accepted until it expires, and nothing else ever is."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal, get_args
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import assume, given
from hypothesis import strategies as st

from taskcore.errors import Invalid, Unauthenticated
from taskcore_app import tokens as port
from taskcore_crypto import AccessTokens, access_tokens
from taskcore_crypto.tokens import Claims
from tests.security.forger import Forger, decoded

Algorithm = Literal["Ed25519", "HS256"]
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
IAT = int(NOW.timestamp())
ADA = UUID("01936f2e-7c1a-7000-8000-00000000ada0")
SID = UUID("01936f2e-7c1a-7000-8000-0000000051d0")
SECRET, OLD_SECRET = bytes(range(32)), bytes(range(32, 64))
OF_ADA = Claims(ADA, SID)


def tokens_by(algorithm: Algorithm, *secrets: bytes, **options: Any) -> AccessTokens:
    return AccessTokens(secrets or (SECRET,), algorithm=algorithm, **options)


def forger_of(tokens: AccessTokens) -> Forger:
    genuine = tokens.issue(ADA, SID, NOW)
    return Forger.of_ours(tokens, genuine, longest_seconds=900, most_characters=2_048)


@pytest.fixture(params=get_args(Algorithm))
def tokens(request: pytest.FixtureRequest) -> AccessTokens:
    return tokens_by(request.param)


def test_a_token_says_whose_it_is_and_in_which_session(tokens: AccessTokens) -> None:
    through_the_port: port.AccessTokens = tokens
    claims = through_the_port.verify(through_the_port.issue(ADA, SID, NOW), NOW)

    assert (claims.user_id, claims.session_id) == (ADA, SID)


def test_a_token_of_another_secret_issuer_audience_or_algorithm_is_refused(tokens: AccessTokens) -> None:
    algorithm: Algorithm = tokens._keys[0].header["alg"]  # type: ignore[assignment]  # one of the two by construction
    other: Algorithm = "HS256" if algorithm == "Ed25519" else "Ed25519"
    strangers = [
        tokens_by(algorithm, bytes(32)),
        tokens_by(algorithm, issuer="elsewhere"),
        tokens_by(algorithm, audience="elsewhere"),
        tokens_by(other),
    ]

    for stranger in strangers:
        with pytest.raises(Unauthenticated):
            tokens.verify(stranger.issue(ADA, SID, NOW), NOW)


def test_a_token_says_which_type_algorithm_and_key_it_has(tokens: AccessTokens) -> None:
    header = forger_of(tokens).header

    assert header["typ"] == "at+jwt"
    assert header["alg"] in get_args(Algorithm)
    assert len(str(header["kid"])) == 16


@pytest.mark.parametrize("algorithm", get_args(Algorithm))
def test_one_secret_follows_another_while_tokens_of_both_are_about(algorithm: Algorithm) -> None:
    before = tokens_by(algorithm, OLD_SECRET)
    during = tokens_by(algorithm, SECRET, OLD_SECRET)
    after = tokens_by(algorithm, SECRET)
    old, new = before.issue(ADA, SID, NOW), during.issue(ADA, SID, NOW)

    assert during.verify(old, NOW) == during.verify(new, NOW) == after.verify(new, NOW) == OF_ADA
    with pytest.raises(Unauthenticated):
        after.verify(old, NOW)
    with pytest.raises(Unauthenticated):
        before.verify(new, NOW)


def test_whoever_has_the_public_keys_can_check_a_token() -> None:
    token = tokens_by("Ed25519", OLD_SECRET).issue(ADA, SID, NOW)
    signed, _, signature = token.rpartition(".")
    keys = {each["kid"]: each for each in tokens_by("Ed25519", SECRET, OLD_SECRET).jwks()["keys"]}
    jwk = keys[forger_of(tokens_by("Ed25519", OLD_SECRET)).header["kid"]]

    Ed25519PublicKey.from_public_bytes(decoded(jwk["x"])).verify(decoded(signature), signed.encode())
    assert len(keys) == 2


def test_the_public_keys_say_what_they_are_for_and_nothing_that_is_secret() -> None:
    (jwk,) = tokens_by("Ed25519", SECRET, SECRET).jwks()["keys"]

    assert jwk.keys() == {"kty", "crv", "x", "kid", "use", "alg"}
    assert (jwk["kty"], jwk["crv"], jwk["use"], jwk["alg"]) == ("OKP", "Ed25519", "sig", "Ed25519")


def test_a_key_that_is_secret_is_not_shown() -> None:
    assert tokens_by("HS256").jwks() == {"keys": []}


def test_a_remembered_token_expires_all_the_same(tokens: AccessTokens) -> None:
    token = tokens.issue(ADA, SID, NOW)
    assert tokens.verify(token, NOW) == OF_ADA
    assert tokens.verify(token, NOW + timedelta(seconds=899, microseconds=999_999)) == OF_ADA

    with pytest.raises(Unauthenticated, match="expired"):
        tokens.verify(token, NOW + timedelta(seconds=900))


def test_a_remembered_token_from_the_future_is_refused_when_the_clock_goes_back(tokens: AccessTokens) -> None:
    token = tokens.issue(ADA, SID, NOW)
    assert tokens.verify(token, NOW - timedelta(seconds=60)) == OF_ADA

    with pytest.raises(Unauthenticated):
        tokens.verify(token, NOW - timedelta(seconds=61))


def test_time_is_an_instant_whatever_the_zone_it_is_told_in(tokens: AccessTokens) -> None:
    token = tokens.issue(ADA, SID, NOW.astimezone(timezone(timedelta(hours=9))))

    assert tokens.verify(token, NOW.astimezone(timezone(timedelta(hours=-5)))) == OF_ADA


def test_only_so_many_genuine_tokens_are_remembered_and_no_forged_one() -> None:
    tokens = tokens_by("HS256", remembered=3)
    for second in range(5):
        tokens.verify(tokens.issue(ADA, SID, NOW + timedelta(seconds=second)), NOW)
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            tokens.verify(forger_of(tokens).by_stranger(), NOW)

    assert tokens._proof.cache_info().currsize == 3  # type: ignore[attr-defined]  # an lru_cache, typed as what it does


def test_a_signature_is_checked_once_while_the_token_is_remembered() -> None:
    tokens = tokens_by("HS256")
    token = tokens.issue(ADA, SID, NOW)
    for _ in range(10):
        tokens.verify(token, NOW)

    assert tokens._proof.cache_info().misses == 1  # type: ignore[attr-defined]  # an lru_cache, typed as what it does


@pytest.mark.parametrize(
    ("url", "algorithm"),
    [("jwt://", "Ed25519"), ("jwt://?alg=HS256", "HS256"), ("jwt://?alg=Ed25519", "Ed25519")],
)
def test_a_url_chooses_the_algorithm(url: str, algorithm: str) -> None:
    assert forger_of(access_tokens(url)([SECRET])).header["alg"] == algorithm


@pytest.mark.parametrize(
    "url",
    [
        "jwt://?alg=none",
        "jwt://?alg=",
        "jwt://?alg=HS256&alg=HS256",
        "jwt://?ttl=9",
        "jwt://host",
        "jwks://",
        "jwt",
    ],
)
def test_a_url_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="jwt://"):
        access_tokens(url)


def test_a_missing_library_is_told_when_the_factory_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "joserfc", None)

    with pytest.raises(ModuleNotFoundError) as missing:
        access_tokens("jwt://")
    assert missing.value.name == "joserfc"


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(Invalid, match="32 bytes"):
        AccessTokens([SECRET, b"x" * 31])


def test_no_secret_at_all_is_refused() -> None:
    with pytest.raises(Invalid, match="need a secret"):
        AccessTokens([])


def test_the_secret_is_not_shown(tokens: AccessTokens) -> None:
    assert SECRET.hex() not in repr(vars(tokens)) + repr(tokens)
    assert repr(SECRET) not in repr(vars(tokens)) + repr(tokens)


moments = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis wants naive bounds
BOTH = {algorithm: tokens_by(algorithm) for algorithm in get_args(Algorithm)}
algorithms = st.sampled_from(sorted(BOTH))


@given(algorithms, st.uuids(), moments, st.integers(-60, 2_000))
def test_a_token_holds_from_its_issue_to_its_expiry(
    algorithm: str, user_id: UUID, issued: datetime, after: int
) -> None:
    tokens = BOTH[algorithm]
    token = tokens.issue(user_id, SID, issued)
    moment = issued.replace(microsecond=0) + timedelta(seconds=after)

    if after < tokens.lifetime_seconds:
        assert tokens.verify(token, moment) == Claims(user_id, SID)
    else:
        with pytest.raises(Unauthenticated):
            tokens.verify(token, moment)


@given(algorithms, st.data())
def test_any_change_of_one_character_is_refused(algorithm: str, data: st.DataObject) -> None:
    tokens = BOTH[algorithm]
    token = tokens.issue(ADA, SID, NOW)
    at = data.draw(st.integers(0, len(token) - 1))
    put = data.draw(st.sampled_from("AZaz09-_.=+/ é\0"))
    changed = token[:at] + put + token[at + data.draw(st.integers(0, 1)) :]

    if changed != token:
        with pytest.raises(Unauthenticated):
            tokens.verify(changed, NOW)


@given(
    algorithms, st.text() | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", fullmatch=True)
)
def test_any_text_is_refused(algorithm: str, text: str) -> None:
    with pytest.raises(Unauthenticated):
        BOTH[algorithm].verify(text, NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@given(algorithms, st.sampled_from(["iss", "aud", "sub", "sid", "iat", "exp"]), json_values)
def test_a_signed_claim_of_any_other_kind_is_refused(algorithm: str, name: str, value: object) -> None:
    forger = forger_of(BOTH[algorithm])
    shorter_or_later = {"iat": range(IAT, IAT + 61), "exp": range(IAT + 1, IAT + 901)}
    assume(type(value) is not int or value not in shorter_or_later.get(name, ()))
    assume(value != forger.claims[name])

    with pytest.raises(Unauthenticated):
        BOTH[algorithm].verify(forger.with_claims(**{name: value}), NOW)
