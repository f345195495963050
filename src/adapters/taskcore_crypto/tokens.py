"""Access tokens: short-lived proof of who calls, checked without asking the store."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from functools import cached_property, lru_cache, partial
from hashlib import sha256
from hmac import digest as hmac_digest
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import attrs

from taskcore.errors import Invalid, Unauthenticated, invalid

if TYPE_CHECKING:
    from taskcore_crypto.signature import Signature

Algorithm = Literal["HS256", "Ed25519"]
ALGORITHMS: dict[str, Algorithm] = {"HS256": "HS256", "Ed25519": "Ed25519"}

LEAST_SECRET_BYTES = 32
MOST_TOKEN_CHARACTERS = 2_048
CLOCK_SKEW_SECONDS = 60
"""How far ahead the clock of the server that issued a token may be. Expiry knows no such grace."""


@attrs.frozen
class Proof:
    """What a genuine token says, whatever the time is."""

    user_id: UUID
    issued_at: int
    expires_at: int


def access_tokens(url: str, *, blocking: bool = False) -> Callable[[bytes], AccessTokens]:  # noqa: ARG001  never waits
    """What makes tokens from a secret, as `jwt://?alg=HS256` or `jwt://?alg=Ed25519` says; HS256 is the default.

    The secret comes apart from the URL, for URLs are shown and logged.
    """
    parts = urlsplit(url)
    asked = parse_qsl(parts.query, keep_blank_values=True) or [("alg", "HS256")]
    if parts.scheme != "jwt" or parts.netloc or parts.path.strip("/") or parts.fragment:
        raise invalid("url", "access tokens are written jwt://?alg=HS256")
    if len(asked) != 1 or asked[0][0] != "alg" or asked[0][1] not in ALGORITHMS:
        raise invalid("url", f"jwt:// knows alg alone, one of {', '.join(ALGORITHMS)}")
    if find_spec("joserfc") is None:
        raise ModuleNotFoundError("joserfc is not installed", name="joserfc")
    return partial(AccessTokens, algorithm=ALGORITHMS[asked[0][1]])


class AccessTokens:
    """Issues our own access tokens, and accepts nothing else.

    The signing key is derived from the secret and the algorithm, so no other use of the secret, and no other
    algorithm, can ever produce a valid signature. `verify` remembers genuine tokens (never refused ones, so
    forgeries cannot push them out), because a signature check costs more than the rest of a request's rights.
    What is remembered is the signature, not the verdict: time is judged on each call.
    """

    def __init__(
        self,
        secret: bytes,
        *,
        algorithm: Algorithm = "HS256",
        issuer: str = "taskcore",
        audience: str = "taskcore",
        lifetime_seconds: int = 900,
        remembered: int = 4_096,
    ) -> None:
        if len(secret) < LEAST_SECRET_BYTES:
            raise Invalid(f"the secret that signs access tokens needs at least {LEAST_SECRET_BYTES} bytes")
        label = f"taskcore access token {algorithm}".encode()
        self._key_material = hmac_digest(secret, label, sha256)
        self._header = {
            "alg": algorithm,
            "kid": urlsafe_b64encode(hmac_digest(secret, label + b" kid", sha256)[:12]).decode(),
            "typ": "at+jwt",
        }
        self._issuer = issuer
        self._audience = audience
        self.lifetime_seconds = lifetime_seconds
        self._proof: Callable[[str], Proof] = lru_cache(maxsize=remembered)(self._checked)

    def issue(self, user_id: UUID, now: datetime) -> str:
        issued_at = int(now.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(user_id),
            "iat": issued_at,
            "exp": issued_at + self.lifetime_seconds,
        }
        return self._signature.sign(self._header, json.dumps(claims, separators=(",", ":")).encode())

    def verify(self, token: str, now: datetime) -> UUID:
        """Whose token this is; `Unauthenticated` for one that is forged, odd, expired, or from the future."""
        if len(token) > MOST_TOKEN_CHARACTERS:
            raise _refused()
        proof = self._proof(token)
        moment = now.timestamp()
        if moment >= proof.expires_at:
            raise Unauthenticated("the access token has expired")
        if proof.issued_at > moment + CLOCK_SKEW_SECONDS:
            raise _refused()
        return proof.user_id

    def _checked(self, token: str) -> Proof:
        """Everything about a token but the time: our very header, then the signature, then the claims."""
        header, payload = _decoded_parts(token)
        if _json_object(header) != self._header or not self._signature.is_on(token):
            raise _refused()
        return self._proof_in(_json_object(payload))

    def _proof_in(self, claims: dict[str, object]) -> Proof:
        issued_at, expires_at, subject = claims.get("iat"), claims.get("exp"), claims.get("sub")
        if claims.get("iss") != self._issuer or claims.get("aud") != self._audience:
            raise _refused()
        if type(issued_at) is not int or type(expires_at) is not int or not isinstance(subject, str):
            raise _refused()
        if not 0 < expires_at - issued_at <= self.lifetime_seconds:
            raise _refused()
        return Proof(_user_id(subject), issued_at, expires_at)

    @cached_property
    def _signature(self) -> Signature:
        from taskcore_crypto.signature import Signature  # noqa: PLC0415  joserfc loads with the first token

        return Signature(self._header["alg"], self._key_material)


def _decoded_parts(token: str) -> tuple[bytes, bytes]:
    """Header and payload. Only one spelling is taken: lenient base64 would give one signature several."""
    try:
        header, payload, signature = token.split(".")
    except ValueError as error:
        raise _refused() from error
    _decoded(signature)
    return _decoded(header), _decoded(payload)


def _decoded(segment: str) -> bytes:
    try:
        data = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError as error:
        raise _refused() from error
    if urlsafe_b64encode(data).decode("ascii").rstrip("=") != segment:
        raise _refused()
    return data


def _json_object(data: bytes) -> dict[str, object]:
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise _refused() from error
    if not isinstance(value, dict):
        raise _refused()
    return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members


def _user_id(subject: str) -> UUID:
    try:
        user_id = UUID(subject)
    except ValueError as error:
        raise _refused() from error
    if str(user_id) != subject:
        raise _refused()
    return user_id


def _refused() -> Unauthenticated:
    """One answer for every fault: a forger learns nothing from it."""
    return Unauthenticated("the access token is not valid")
