"""Access tokens: what is issued is accepted until it expires, and nothing else ever is."""

from __future__ import annotations

import json
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256, sha512
from hmac import digest as hmac_digest
from typing import Any, Literal, get_args
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given
from hypothesis import strategies as st

from taskcore.errors import Invalid, Unauthenticated
from taskcore_crypto import AccessTokens, access_tokens

Algorithm = Literal["HS256", "Ed25519"]
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
IAT = int(NOW.timestamp())
ADA = UUID("01936f2e-7c1a-7000-8000-00000000ada0")
BOB = UUID("01936f2e-7c1a-7000-8000-000000000b0b")
SECRET = bytes(range(32))


def tokens_by(algorithm: Algorithm, secret: bytes = SECRET, **options: Any) -> AccessTokens:
    return AccessTokens(secret, algorithm=algorithm, **options)


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def decoded(segment: str) -> bytes:
    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


class Forger:
    """Writes tokens with any header and any payload, and may even hold the signing key."""

    def __init__(self, tokens: AccessTokens) -> None:
        self.key = tokens._key_material
        self.genuine = tokens.issue(ADA, NOW)
        self.header: dict[str, object] = json.loads(decoded(self.genuine.split(".")[0]))
        self.claims: dict[str, object] = json.loads(decoded(self.genuine.split(".")[1]))

    @property
    def public_key(self) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.key).public_key().public_bytes_raw()

    def signed(self, header: bytes, payload: bytes) -> str:
        """Exactly these bytes under the server's own key."""
        signing_input = f"{encoded(header)}.{encoded(payload)}"
        if self.header["alg"] == "HS256":
            signature = hmac_digest(self.key, signing_input.encode(), sha256)
        else:
            signature = Ed25519PrivateKey.from_private_bytes(self.key).sign(signing_input.encode())
        return f"{signing_input}.{encoded(signature)}"

    def with_header(self, **changes: object) -> str:
        return self.signed(as_json(self.header, changes), as_json(self.claims))

    def with_claims(self, **changes: object) -> str:
        return self.signed(as_json(self.header), as_json(self.claims, changes))

    def with_raw(self, *, header: str | None = None, payload: str | None = None) -> str:
        return self.signed(
            as_json(self.header) if header is None else header.encode(),
            as_json(self.claims) if payload is None else payload.encode(),
        )

    def unsigned(self, **header: object) -> str:
        return f"{encoded(as_json(self.header, header))}.{encoded(as_json(self.claims))}."

    def hmac_under(self, key: bytes, hash_: Callable[..., Any], **header: object) -> str:
        signing_input = self.unsigned(**header)[:-1]
        return f"{signing_input}.{encoded(hmac_digest(key, signing_input.encode(), hash_))}"

    def part(self, number: int, change: Callable[[str], str]) -> str:
        parts = self.genuine.split(".")
        parts[number] = change(parts[number])
        return ".".join(parts)


GONE = object()


def as_json(members: dict[str, object], changes: dict[str, object] | None = None) -> bytes:
    kept = {name: value for name, value in {**members, **(changes or {})}.items() if value is not GONE}
    return json.dumps(kept, separators=(",", ":")).encode()


def doubled(members: dict[str, object], name: str, value: object) -> str:
    """The JSON text of `members` with one of them given a second time."""
    return f"{json.dumps(members)[:-1]}, {json.dumps(name)}: {json.dumps(value)}}}"


def other_last_bits(segment: str) -> str:
    """The same bytes to a lenient decoder: only the unused bits of the last character differ."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return segment[:-1] + alphabet[alphabet.index(segment[-1]) ^ 1]


def first_flipped(segment: str) -> str:
    return ("B" if segment[0] == "A" else "A") + segment[1:]


FORGED: dict[str, Callable[[Forger], str]] = {
    "alg none": lambda f: f.unsigned(alg="none"),
    "alg none in odd case": lambda f: f.unsigned(alg="nOnE"),
    "alg none with a signature": lambda f: f.with_header(alg="none"),
    "alg missing": lambda f: f.with_header(alg=GONE),
    "alg a list": lambda f: f.with_header(alg=["HS256", "Ed25519"]),
    "alg another HMAC": lambda f: f.hmac_under(f.key, sha512, alg="HS512"),
    "alg EdDSA, the old name": lambda f: f.with_header(alg="EdDSA"),
    "alg ES256": lambda f: f.with_header(alg="ES256"),
    "HMAC under the public key": lambda f: f.hmac_under(f.public_key, sha256, alg="HS256"),
    "HMAC under the public key, alg kept": lambda f: f.hmac_under(f.public_key, sha256),
    "HMAC under the bare secret": lambda f: f.hmac_under(SECRET, sha256, alg="HS256"),
    "HMAC under nothing": lambda f: f.hmac_under(b"", sha256, alg="HS256"),
    "HMAC under the kid": lambda f: f.hmac_under(str(f.header["kid"]).encode(), sha256, alg="HS256"),
    "kid missing": lambda f: f.with_header(kid=GONE),
    "kid unknown": lambda f: f.with_header(kid="AAAAAAAAAAAAAAAA"),
    "kid empty": lambda f: f.with_header(kid=""),
    "kid null": lambda f: f.with_header(kid=None),
    "kid a number": lambda f: f.with_header(kid=0),
    "kid a path": lambda f: f.with_header(kid="../../../../dev/null"),
    "kid an injection": lambda f: f.with_header(kid="' or '1'='1"),
    "typ missing": lambda f: f.with_header(typ=GONE),
    "typ JWT": lambda f: f.with_header(typ="JWT"),
    "typ in other case": lambda f: f.with_header(typ="AT+JWT"),
    "typ of a reset token": lambda f: f.with_header(typ="reset+jwt"),
    "jwk of the forger": lambda f: f.with_header(jwk={"kty": "oct", "k": encoded(b"k" * 32)}),
    "jku of the forger": lambda f: f.with_header(jku="https://forger.example/jwks.json"),
    "x5u of the forger": lambda f: f.with_header(x5u="https://forger.example/cert.pem"),
    "x5c of the forger": lambda f: f.with_header(x5c=["MIIB"]),
    "crit unknown": lambda f: f.with_header(crit=["exp"]),
    "crit empty": lambda f: f.with_header(crit=[]),
    "b64 false": lambda f: f.with_header(b64=False, crit=["b64"]),
    "zip": lambda f: f.with_header(zip="DEF"),
    "cty nested": lambda f: f.with_header(cty="JWT"),
    "an unknown header member": lambda f: f.with_header(x=1),
    "alg given twice": lambda f: f.with_raw(header=doubled(f.header, "alg", f.header["alg"])),
    "kid given twice": lambda f: f.with_raw(header=doubled(f.header, "kid", f.header["kid"])),
    "header an array": lambda f: f.with_raw(header="[]"),
    "header no JSON": lambda f: f.with_raw(header="{"),
    "header nested deep": lambda f: f.with_raw(header="[" * 1_250, payload="{}"),
    "header UTF-16": lambda f: f.signed(as_json(f.header).decode().encode("utf-16"), as_json(f.claims)),
    "header with a byte order mark": lambda f: f.signed(
        b"\xef\xbb\xbf" + as_json(f.header), as_json(f.claims)
    ),
    "iss missing": lambda f: f.with_claims(iss=GONE),
    "iss of another": lambda f: f.with_claims(iss="https://forger.example"),
    "iss a list": lambda f: f.with_claims(iss=["taskcore"]),
    "iss longer": lambda f: f.with_claims(iss="taskcore.forger.example"),
    "aud missing": lambda f: f.with_claims(aud=GONE),
    "aud of another": lambda f: f.with_claims(aud="billing"),
    "aud a list with ours": lambda f: f.with_claims(aud=["billing", "taskcore"]),
    "aud null": lambda f: f.with_claims(aud=None),
    "sub missing": lambda f: f.with_claims(sub=GONE),
    "sub no id": lambda f: f.with_claims(sub="ada@example.org"),
    "sub a number": lambda f: f.with_claims(sub=1),
    "sub in capitals": lambda f: f.with_claims(sub=str(ADA).upper()),
    "sub in braces": lambda f: f.with_claims(sub=f"{{{ADA}}}"),
    "sub a URN": lambda f: f.with_claims(sub=ADA.urn),
    "sub given twice": lambda f: f.with_raw(payload=doubled(f.claims, "sub", str(BOB))),
    "exp given twice": lambda f: f.with_raw(payload=doubled(f.claims, "exp", IAT + 899)),
    "a nested member given twice": lambda f: f.with_raw(
        payload=json.dumps(f.claims)[:-1] + ', "act": {"sub": "a", "sub": "b"}}'
    ),
    "exp missing": lambda f: f.with_claims(exp=GONE),
    "exp null": lambda f: f.with_claims(exp=None),
    "exp a string": lambda f: f.with_claims(exp=str(IAT + 900)),
    "exp a float": lambda f: f.with_claims(exp=IAT + 900.0),
    "exp true": lambda f: f.with_claims(exp=True, iat=0),
    "exp NaN": lambda f: f.with_claims(exp=float("nan")),
    "exp infinite": lambda f: f.with_claims(exp=float("inf")),
    "exp 1e400": lambda f: f.with_raw(
        payload=json.dumps({**f.claims, "exp": 0}).replace('"exp": 0', '"exp": 1e400')
    ),
    "exp in the far future": lambda f: f.with_claims(exp=IAT + 10 * 365 * 86_400),
    "exp one second too far": lambda f: f.with_claims(exp=IAT + 901),
    "exp of a thousand digits": lambda f: f.with_claims(exp=10**999),
    "exp and iat of a thousand digits": lambda f: f.with_claims(exp=10**600 + 900, iat=10**600),
    "exp before iat": lambda f: f.with_claims(exp=IAT - 1),
    "exp at iat": lambda f: f.with_claims(exp=IAT),
    "exp past": lambda f: f.with_claims(exp=IAT - 1, iat=IAT - 900),
    "iat missing": lambda f: f.with_claims(iat=GONE),
    "iat a string": lambda f: f.with_claims(iat=str(IAT)),
    "iat in the future": lambda f: f.with_claims(iat=IAT + 61, exp=IAT + 900),
    "payload an array": lambda f: f.with_raw(payload=json.dumps([f.claims])),
    "payload a string": lambda f: f.with_raw(payload=json.dumps(json.dumps(f.claims))),
    "payload no JSON": lambda f: f.with_raw(payload="not json"),
    "payload empty": lambda f: f.with_raw(payload=""),
    "payload nested deep": lambda f: f.with_raw(payload="[" * 1_250),
    "payload with bad UTF-8": lambda f: f.signed(as_json(f.header), b'{"iss":"\xff"}'),
    "payload of another token": lambda f: f.part(1, lambda _: encoded(as_json(f.claims, {"sub": str(BOB)}))),
    "payload left out": lambda f: f.part(1, lambda _: ""),
    "signature left out": lambda f: f.part(2, lambda _: ""),
    "signature cut short": lambda f: f.part(2, lambda s: s[:-4]),
    "signature longer": lambda f: f.part(2, lambda s: s + "AAAA"),
    "signature all zero": lambda f: f.part(2, lambda s: "A" * len(s)),
    "signature with one bit flipped": lambda f: f.part(2, first_flipped),
    "signature spelt otherwise": lambda f: f.part(2, other_last_bits),
    "signature padded": lambda f: f.part(2, lambda s: s + "=" * (-len(s) % 4)),
    "signature with blanks": lambda f: f.part(2, lambda s: f"{s[:9]} {s[9:]}"),
    "header with a line break": lambda f: f.part(0, lambda s: f"{s[:8]}\n{s[8:]}"),
    "trailing line break": lambda f: f.genuine + "\n",
    "a Bearer before it": lambda f: "Bearer " + f.genuine,
    "two parts": lambda f: f.genuine.rpartition(".")[0],
    "four parts": lambda f: f.genuine + ".AAAA",
    "five parts": lambda f: f.genuine + ".AAAA.AAAA",
    "a JWS in JSON": lambda f: json.dumps(
        dict(zip(("protected", "payload", "signature"), f.genuine.split("."), strict=True))
    ),
    "empty": lambda _: "",
    "dots": lambda _: "..",
    "other script": lambda f: f.part(2, lambda s: s[:-1] + "\uff21"),
    "an unpaired surrogate": lambda f: f.part(2, lambda s: s[:-1] + "\ud800"),
    "a NUL": lambda f: f.genuine + "\0",
    "larger than any of ours": lambda f: f.with_claims(note="x" * 2_000),
    "enormous": lambda _: "A" * 1_000_000 + ".A.A",
}


@pytest.fixture(params=get_args(Algorithm))
def tokens(request: pytest.FixtureRequest) -> AccessTokens:
    return tokens_by(request.param)


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_is_refused(tokens: AccessTokens, forge: Callable[[Forger], str]) -> None:
    token = forge(Forger(tokens))

    with pytest.raises(Unauthenticated):
        tokens.verify(token, NOW)


def test_the_forger_s_own_spelling_of_the_genuine_claims_passes(tokens: AccessTokens) -> None:
    """Else the list above would be refused for how it is written, not for what is wrong with it."""
    assert tokens.verify(Forger(tokens).with_claims(), NOW) == ADA


def test_all_forgeries_but_expired_ones_get_one_answer(tokens: AccessTokens) -> None:
    def answer(name: str) -> str:
        with pytest.raises(Unauthenticated) as refused:
            tokens.verify(FORGED[name](Forger(tokens)), NOW)
        return refused.value.message

    assert {answer(name) for name in FORGED if name != "exp past"} == {"the access token is not valid"}


def test_a_token_of_another_secret_issuer_audience_or_algorithm_is_refused(tokens: AccessTokens) -> None:
    algorithm: Algorithm = tokens._header["alg"]  # type: ignore[assignment]  # one of the two by construction
    other: Algorithm = "HS256" if algorithm == "Ed25519" else "Ed25519"
    strangers = [
        tokens_by(algorithm, secret=bytes(32)),
        tokens_by(algorithm, issuer="elsewhere"),
        tokens_by(algorithm, audience="elsewhere"),
        tokens_by(other),
    ]

    for stranger in strangers:
        with pytest.raises(Unauthenticated):
            tokens.verify(stranger.issue(ADA, NOW), NOW)


def test_a_token_says_which_type_algorithm_and_key_it_has(tokens: AccessTokens) -> None:
    header = Forger(tokens).header

    assert header["typ"] == "at+jwt"
    assert header["alg"] in get_args(Algorithm)
    assert len(str(header["kid"])) == 16


def test_a_remembered_token_expires_all_the_same(tokens: AccessTokens) -> None:
    token = tokens.issue(ADA, NOW)
    assert tokens.verify(token, NOW) == ADA
    assert tokens.verify(token, NOW + timedelta(seconds=899, microseconds=999_999)) == ADA

    with pytest.raises(Unauthenticated, match="expired"):
        tokens.verify(token, NOW + timedelta(seconds=900))


def test_a_remembered_token_from_the_future_is_refused_when_the_clock_goes_back(tokens: AccessTokens) -> None:
    token = tokens.issue(ADA, NOW)
    assert tokens.verify(token, NOW - timedelta(seconds=60)) == ADA

    with pytest.raises(Unauthenticated):
        tokens.verify(token, NOW - timedelta(seconds=61))


def test_time_is_an_instant_whatever_the_zone_it_is_told_in(tokens: AccessTokens) -> None:
    token = tokens.issue(ADA, NOW.astimezone(timezone(timedelta(hours=9))))

    assert tokens.verify(token, NOW.astimezone(timezone(timedelta(hours=-5)))) == ADA


def test_only_so_many_genuine_tokens_are_remembered_and_no_forged_one() -> None:
    tokens = tokens_by("HS256", remembered=3)
    for second in range(5):
        tokens.verify(tokens.issue(ADA, NOW + timedelta(seconds=second)), NOW)
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            tokens.verify(FORGED["signature all zero"](Forger(tokens)), NOW)

    assert tokens._proof.cache_info().currsize == 3  # type: ignore[attr-defined]  # an lru_cache, typed as what it does


def test_a_signature_is_checked_once_while_the_token_is_remembered() -> None:
    tokens = tokens_by("HS256")
    token = tokens.issue(ADA, NOW)
    for _ in range(10):
        tokens.verify(token, NOW)

    assert tokens._proof.cache_info().misses == 1  # type: ignore[attr-defined]  # an lru_cache, typed as what it does


@pytest.mark.parametrize(
    ("url", "algorithm"),
    [("jwt://", "HS256"), ("jwt://?alg=HS256", "HS256"), ("jwt://?alg=Ed25519", "Ed25519")],
)
def test_a_url_chooses_the_algorithm(url: str, algorithm: str) -> None:
    assert Forger(access_tokens(url)(SECRET)).header["alg"] == algorithm


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
        AccessTokens(b"x" * 31)


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
    token = tokens.issue(user_id, issued)
    moment = issued.replace(microsecond=0) + timedelta(seconds=after)

    if after < tokens.lifetime_seconds:
        assert tokens.verify(token, moment) == user_id
    else:
        with pytest.raises(Unauthenticated):
            tokens.verify(token, moment)


@given(algorithms, st.data())
def test_any_change_of_one_character_is_refused(algorithm: str, data: st.DataObject) -> None:
    tokens = BOTH[algorithm]
    token = tokens.issue(ADA, NOW)
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


@given(algorithms, st.sampled_from(["iss", "aud", "sub", "iat", "exp"]), json_values)
def test_a_signed_claim_of_any_other_kind_is_refused(algorithm: str, name: str, value: object) -> None:
    forger = Forger(BOTH[algorithm])
    shorter_or_later = {"iat": range(IAT, IAT + 61), "exp": range(IAT + 1, IAT + 901)}
    assume(type(value) is not int or value not in shorter_or_later.get(name, ()))
    assume(value != forger.claims[name])

    with pytest.raises(Unauthenticated):
        BOTH[algorithm].verify(forger.with_claims(**{name: value}), NOW)
