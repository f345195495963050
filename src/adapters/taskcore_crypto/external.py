"""Tokens of an OpenID provider: Keycloak, Auth0, Supabase, whoever publishes the keys it signs with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from taskcore.errors import Fault, Unauthenticated, invalid, refuse
from taskcore.identity.model import ExternalIdentity
from taskcore_crypto.compact import Compact, read, refused
from taskcore_crypto.provider import Provider, address_fault

MOST_TOKEN_CHARACTERS = 16_384
MOST_SUBJECT_CHARACTERS = 255
MOST_LIFETIME_SECONDS = 86_400
CLOCK_SKEW_SECONDS = 60
"""How far ahead the provider's clock may be. Expiry knows no such grace."""

ALGORITHMS = frozenset(
    "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 Ed25519 EdDSA".split()  # each needs a private key
)
UNKEPT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
TYPES = frozenset({"JWT", "at+jwt"})
NOT_TAKEN = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64", "enc", "zip"})
"""Header members by which a token would bring its own key, or change how it is read."""

CLAIMS = {"subject": "sub", "email": "email", "email_verified": "email_verified", "name": "name"}
"""Where OpenID Connect says who somebody is."""


def external_tokens(url: str, *, blocking: bool = False) -> Callable[..., ExternalTokens]:  # noqa: ARG001  always needs a loop
    """What takes the tokens of a provider, for `oidc://`; which provider is told apart from the URL.

    Checking a token may fetch keys, and waits for them on an event loop, `blocking` or not.
    """
    parts = urlsplit(url)
    if parts.scheme != "oidc" or parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
        raise invalid("url", "an OpenID provider's tokens are written oidc://")
    for library in ("joserfc", "httpx"):
        if find_spec(library) is None:
            raise ModuleNotFoundError(f"{library} is not installed", name=library)
    return ExternalTokens


class ExternalTokens:
    """Accepts what one provider signed for us, and nothing that is odd about it.

    `claims` says where to find what, for a provider that says it elsewhere: `{"name": "user_metadata.full_name"}`.
    Where an e-mail address and whether it is verified come from must be what its users cannot write themselves.
    """

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        jwks_url: str | None = None,
        claims: Mapping[str, str] | None = None,
    ) -> None:
        refuse(_faults(issuer, audience, jwks_url, claims or {}))
        self._issuer = issuer
        self._audience = audience
        self._claims = {**CLAIMS, **(claims or {})}
        self._provider = Provider(issuer, jwks_url)

    def issued(self, token: str) -> bool:
        """Whether the token says that it is this provider's. Whether it is, only `verify` knows."""
        try:
            return read(token, MOST_TOKEN_CHARACTERS).claims.get("iss") == self._issuer
        except Unauthenticated:
            return False

    async def verify(self, token: str, now: datetime) -> ExternalIdentity:
        """Whom the provider vouches for. Raises: Unauthenticated; Unavailable, where its keys cannot be had.

        The signature comes last, so that only what is right otherwise can have keys fetched.
        """
        compact = read(token, MOST_TOKEN_CHARACTERS)
        algorithm, kid = _signed_by(compact.header)
        moment = int(now.timestamp())
        expires_at = self._expiry(compact, moment)
        identity = self._identity(compact.claims)
        key = await self._provider.key(kid, now)
        if key is None or not key.has_signed(compact.signed, compact.signature, algorithm):
            raise refused()
        if moment >= expires_at:
            raise Unauthenticated("the access token has expired")
        return identity

    async def close(self) -> None:
        await self._provider.close()

    def _expiry(self, compact: Compact, moment: int) -> int:
        """When the token ends, if it is for us, has begun, and does not last too long."""
        claims = compact.claims
        if claims.get("iss") != self._issuer or not _names(claims.get("aud"), self._audience):
            raise refused()
        expires_at = claims.get("exp")
        issued_at, begins_at = claims.get("iat", moment), claims.get("nbf", moment)
        if type(expires_at) is not int or type(issued_at) is not int or type(begins_at) is not int:
            raise refused()
        if max(issued_at, begins_at) > moment + CLOCK_SKEW_SECONDS:
            raise refused()
        if not 0 < expires_at - issued_at <= MOST_LIFETIME_SECONDS:
            raise refused()
        return expires_at

    def _identity(self, claims: dict[str, Any]) -> ExternalIdentity:
        subject = _text(_at(self._claims["subject"], claims))
        if subject is None or len(subject) > MOST_SUBJECT_CHARACTERS or not subject.isprintable():
            raise refused()
        return ExternalIdentity(
            self._issuer,
            subject,
            email=_text(_at(self._claims["email"], claims)),
            email_verified=_at(self._claims["email_verified"], claims) is True,
            name=_text(_at(self._claims["name"], claims)),
        )


def _signed_by(header: dict[str, Any]) -> tuple[str, str]:
    """By which algorithm and which key a token says it is signed; whether the two fit is for the key to say."""
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or not isinstance(kid, str):
        raise refused()
    kind = header.get("typ", "JWT")
    if NOT_TAKEN.intersection(header) or not isinstance(kind, str) or kind not in TYPES:
        raise refused()
    return algorithm, kid


def _names(audiences: object, audience: str) -> bool:
    several = audiences if isinstance(audiences, list) else [audiences]
    return all(isinstance(each, str) for each in several) and audience in several


def _at(path: str, claims: dict[str, Any]) -> object:
    """A claim by its name, which may have dots in it, or else by the names that lead to it."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _text(value: object) -> str | None:
    """A text that can be kept and shown; anything else tells nothing."""
    return value if isinstance(value, str) and value.strip() and not UNKEPT.search(value) else None


def _faults(issuer: str, audience: str, jwks_url: str | None, claims: Mapping[str, str]) -> Iterator[Fault]:
    wrong = {"issuer": address_fault(issuer), "jwks_url": jwks_url and address_fault(jwks_url)}
    if wrong["issuer"] is None and urlsplit(issuer).query:
        wrong["issuer"] = "must have no query"
    if not audience:
        wrong["audience"] = "must be what the provider writes into tokens that are for this instance"
    yield from (Fault(field, reason) for field, reason in wrong.items() if reason)
    for name, path in claims.items():
        if name not in CLAIMS:
            yield Fault(f"claims.{name}", f"is not needed; {', '.join(CLAIMS)} are")
        elif not all(path.split(".")):
            yield Fault(f"claims.{name}", "must be a claim's name, such as email or user_metadata.full_name")
