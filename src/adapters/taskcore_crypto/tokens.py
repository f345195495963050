"""Access tokens: short-lived proof of who calls, checked without asking the store."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property, lru_cache, partial
from hashlib import sha256
from hmac import digest as hmac_digest
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import attrs

from taskcore.errors import Invalid, Unauthenticated, invalid
from taskcore_crypto.compact import read, refused

if TYPE_CHECKING:
    from taskcore_crypto.signature import Signature

Algorithm = Literal["Ed25519", "HS256"]
ALGORITHMS: dict[str, Algorithm] = {"Ed25519": "Ed25519", "HS256": "HS256"}

LEAST_SECRET_BYTES = 32
MOST_TOKEN_CHARACTERS = 2_048
CLOCK_SKEW_SECONDS = 60
"""How far ahead the clock of the server that issued a token may be. Expiry knows no such grace."""


@attrs.frozen
class Claims:
    """What a genuine access token says: who calls, and within which session."""

    user_id: UUID
    session_id: UUID


@attrs.frozen
class Proof:
    """What a genuine token says, whatever the time is."""

    claims: Claims
    issued_at: int
    expires_at: int


def access_tokens(url: str, *, blocking: bool = False) -> Callable[[Sequence[bytes]], AccessTokens]:  # noqa: ARG001  never waits
    """What makes tokens from secrets, as `jwt://?alg=Ed25519` (the default) or `jwt://?alg=HS256` says.

    The first secret signs and every one verifies, so that one can follow another while tokens of both are about.
    They come apart from the URL, for URLs are shown and logged.
    """
    parts = urlsplit(url)
    asked = parse_qsl(parts.query, keep_blank_values=True) or [("alg", "Ed25519")]
    if parts.scheme != "jwt" or parts.netloc or parts.path.strip("/") or parts.fragment:
        raise invalid("url", "access tokens are written jwt://?alg=Ed25519")
    if len(asked) != 1 or asked[0][0] != "alg" or asked[0][1] not in ALGORITHMS:
        raise invalid("url", f"jwt:// knows alg alone, one of {', '.join(ALGORITHMS)}")
    if find_spec("joserfc") is None:
        raise ModuleNotFoundError("joserfc is not installed", name="joserfc")
    return partial(AccessTokens, algorithm=ALGORITHMS[asked[0][1]])


class SigningKey:
    """What one secret signs with, and the only header that its tokens have.

    It is derived from the secret and the algorithm, so no other use of the secret, and no other algorithm, can
    ever produce a valid signature.
    """

    def __init__(self, secret: bytes, algorithm: Algorithm) -> None:
        if len(secret) < LEAST_SECRET_BYTES:
            raise Invalid(f"a secret that signs access tokens needs at least {LEAST_SECRET_BYTES} bytes")
        label = f"taskcore access token {algorithm}".encode()
        self.material = hmac_digest(secret, label, sha256)
        self.header = {
            "alg": algorithm,
            "kid": urlsafe_b64encode(hmac_digest(secret, label + b" kid", sha256)[:12]).decode(),
            "typ": "at+jwt",
        }

    def public_jwk(self) -> dict[str, Any]:
        about = {"use": "sig", "alg": self.header["alg"], "kid": self.header["kid"]}
        return {**self.signature.public_jwk(), **about}

    @cached_property
    def signature(self) -> Signature:
        from taskcore_crypto.signature import Signature  # noqa: PLC0415  joserfc loads with the first token

        return Signature(self.header["alg"], self.material)


class AccessTokens:
    """Issues our own access tokens, and accepts nothing else.

    `verify` remembers genuine tokens (never refused ones, so forgeries cannot push them out), because a signature
    check costs more than the rest of a request's rights. What is remembered is the signature, not the verdict:
    time is judged on each call.
    """

    def __init__(
        self,
        secrets: Sequence[bytes],
        *,
        algorithm: Algorithm = "Ed25519",
        issuer: str = "taskcore",
        audience: str = "taskcore",
        lifetime_seconds: int = 900,
        remembered: int = 4_096,
    ) -> None:
        if not secrets:
            raise Invalid("access tokens need a secret to sign them with")
        self._keys = [SigningKey(secret, algorithm) for secret in dict.fromkeys(secrets)]
        self._issuer = issuer
        self._audience = audience
        self.lifetime_seconds = lifetime_seconds
        self._proof: Callable[[str], Proof] = lru_cache(maxsize=remembered)(self._checked)

    def issue(self, user_id: UUID, session_id: UUID, now: datetime) -> str:
        issued_at = int(now.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(user_id),
            "sid": str(session_id),
            "iat": issued_at,
            "exp": issued_at + self.lifetime_seconds,
        }
        key = self._keys[0]
        return key.signature.sign(key.header, json.dumps(claims, separators=(",", ":")).encode())

    def verify(self, token: str, now: datetime) -> Claims:
        """What the token says; `Unauthenticated` for one that is forged, odd, expired, or from the future."""
        if len(token) > MOST_TOKEN_CHARACTERS:
            raise refused()
        proof = self._proof(token)
        moment = now.timestamp()
        if moment >= proof.expires_at:
            raise Unauthenticated("the access token has expired")
        if proof.issued_at > moment + CLOCK_SKEW_SECONDS:
            raise refused()
        return proof.claims

    def jwks(self) -> dict[str, Any]:
        """The public keys of all our secrets, those that no longer sign included; an HMAC's key is never public."""
        shown = [key for key in self._keys if key.header["alg"] != "HS256"]
        return {"keys": [key.public_jwk() for key in shown]}

    def _checked(self, token: str) -> Proof:
        """Everything about a token but the time: a header of ours, then the signature, then the claims."""
        compact = read(token, MOST_TOKEN_CHARACTERS)
        key = next((key for key in self._keys if key.header == compact.header), None)
        if key is None or not key.signature.is_on(token):
            raise refused()
        return self._proof_in(compact.claims)

    def _proof_in(self, claims: dict[str, object]) -> Proof:
        """Of the claims we write, and no others: one that we do not know may have limited what the token is good for."""
        if claims.keys() != {"iss", "aud", "sub", "sid", "iat", "exp"}:
            raise refused()
        if claims["iss"] != self._issuer or claims["aud"] != self._audience:
            raise refused()
        issued_at, expires_at = claims["iat"], claims["exp"]
        if type(issued_at) is not int or type(expires_at) is not int:
            raise refused()
        if not 0 < expires_at - issued_at <= self.lifetime_seconds:
            raise refused()
        return Proof(Claims(_id(claims["sub"]), _id(claims["sid"])), issued_at, expires_at)


def _id(text: object) -> UUID:
    try:
        found = UUID(str(text))
    except ValueError as error:
        raise refused() from error
    if str(found) != text:
        raise refused()
    return found
