"""The calls into joserfc. Apart from what loads this module, when the first token or the first key set comes."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Iterator
from typing import Any

import attrs
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, deserialize_compact, serialize_compact

LEAST_RSA_BITS, MOST_RSA_BITS = 2_048, 8_192


class Signature:
    """Signs and checks compact JWS with one key and one algorithm."""

    def __init__(self, algorithm: str, key_material: bytes) -> None:
        self._registry = JWSRegistry(algorithms=[algorithm])
        self._key: OctKey | OKPKey = (
            OctKey.import_key(key_material)
            if algorithm == "HS256"
            else OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(key_material))
        )

    def sign(self, header: dict[str, str], payload: bytes) -> str:
        return serialize_compact(dict(header), payload, self._key, registry=self._registry)

    def is_on(self, token: str) -> bool:
        try:
            deserialize_compact(token, self._key, registry=self._registry)
        except (JoseError, ValueError):
            return False
        return True

    def public_jwk(self) -> dict[str, Any]:
        """What may be shown of the key."""
        return dict(self._key.as_dict(private=False))


@attrs.frozen
class Kind:
    """A kind of public key: the members that make it, and the algorithms that such a key can have signed with."""

    type: type[RSAKey | ECKey | OKPKey]
    members: tuple[str, ...]
    algorithms: frozenset[str]


KINDS: dict[tuple[object, object], Kind] = {
    ("RSA", None): Kind(RSAKey, ("n", "e"), frozenset("RS256 RS384 RS512 PS256 PS384 PS512".split())),
    ("EC", "P-256"): Kind(ECKey, ("crv", "x", "y"), frozenset({"ES256"})),
    ("EC", "P-384"): Kind(ECKey, ("crv", "x", "y"), frozenset({"ES384"})),
    ("EC", "P-521"): Kind(ECKey, ("crv", "x", "y"), frozenset({"ES512"})),
    ("OKP", "Ed25519"): Kind(OKPKey, ("crv", "x"), frozenset({"Ed25519", "EdDSA"})),
}
"""By `kty` and `crv`. Secret keys are none of these: whoever can read them can sign."""

FULL_NAMES = {"EdDSA": "Ed25519"}
"""joserfc warns of the old name, which leaves the curve to the key; here the key has but one (RFC 9864)."""


@attrs.frozen
class PublicKey:
    """A key that checks signatures, by no algorithm but those it is for."""

    algorithms: frozenset[str]
    _key: RSAKey | ECKey | OKPKey

    def has_signed(self, signed: bytes, signature: bytes, algorithm: str) -> bool:
        if algorithm not in self.algorithms:
            return False
        return JWSRegistry.algorithms[FULL_NAMES.get(algorithm, algorithm)].verify(
            signed, signature, self._key
        )


def public_keys(jwks: dict[str, Any]) -> dict[str, PublicKey]:
    """The keys of a JWK set that can check signatures, by `kid`; where two share one, it means neither.

    Others in the set are passed over, as RFC 7517 asks. Raises: ValueError, for what is no JWK set.
    """
    entries = jwks.get("keys")
    if not isinstance(entries, list):
        raise ValueError("a JWK set has a list of keys")  # noqa: TRY004  what is wrong is the text
    found = list(_public_keys(entries))
    named = Counter(kid for kid, _ in found)
    return {kid: key for kid, key in found if named[kid] == 1}


def _public_keys(entries: list[Any]) -> Iterator[tuple[str, PublicKey]]:
    for jwk in entries:
        key = _public_key(jwk) if isinstance(jwk, dict) else None
        if key is not None and isinstance(jwk.get("kid"), str) and jwk["kid"]:
            yield jwk["kid"], key


def _public_key(jwk: dict[str, Any]) -> PublicKey | None:
    kty, crv = jwk.get("kty"), jwk.get("crv")
    kind = KINDS.get((kty, crv)) if isinstance(kty, str) and isinstance(crv, str | None) else None
    if kind is None or not _is_for_checking(jwk):
        return None
    algorithms = kind.algorithms if "alg" not in jwk else kind.algorithms & {str(jwk["alg"])}
    try:
        if kty == "RSA" and not LEAST_RSA_BITS <= _number(jwk["n"]).bit_length() <= MOST_RSA_BITS:
            return None
        key = kind.type.import_key({"kty": str(kty), **{name: jwk[name] for name in kind.members}})
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return PublicKey(algorithms, key) if algorithms else None


def _is_for_checking(jwk: dict[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    return jwk.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _number(text: str) -> int:
    """Read before the key is made, for of one too short joserfc makes a key all the same, and warns."""
    return int.from_bytes(urlsafe_b64decode(text + "=="))
