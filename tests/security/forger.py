"""Somebody who writes tokens as no library would, and may even hold the key that signs the genuine ones."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from hashlib import sha256
from hmac import digest as hmac_digest
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from taskcore_crypto import AccessTokens
from tests.servers.oidc import GONE, Key, as_json, encoded, in_bytes


class Forger:
    """Starts from a genuine token. `public` is what anybody knows of the key, in each way it is written down."""

    def __init__(
        self,
        genuine: str,
        sign: Callable[[bytes], bytes],
        public: Mapping[str, bytes],
        *,
        longest_seconds: int,
        most_characters: int,
        retired: str = "",
    ) -> None:
        self.genuine = genuine
        self.public = public
        self.retired = retired
        """A token under a key that is no longer known."""
        self.longest_seconds = longest_seconds
        self.most_characters = most_characters
        self.header: dict[str, Any] = json.loads(decoded(genuine.split(".", maxsplit=1)[0]))
        self.claims: dict[str, Any] = json.loads(decoded(genuine.split(".")[1]))
        self.under_the_key: set[str] = set()
        """Which tokens have a signature that is genuine."""
        self._sign = sign

    @classmethod
    def of_ours(cls, tokens: AccessTokens, genuine: str, **limits: Any) -> Forger:
        key = tokens._keys[0]
        ed25519 = Ed25519PrivateKey.from_private_bytes(key.material)
        public = spellings(Key(key.header["kid"], "Ed25519", ed25519))

        def sign(signed: bytes) -> bytes:
            by_hmac = key.header["alg"] == "HS256"
            return hmac_digest(key.material, signed, sha256) if by_hmac else ed25519.sign(signed)

        return cls(genuine, sign, public, **limits)

    @classmethod
    def of_theirs(cls, key: Key, genuine: str, **limits: Any) -> Forger:
        return cls(genuine, key.signature, spellings(key), **limits)

    def signed(self, header: bytes, payload: bytes) -> str:
        """Exactly these bytes under the genuine key."""
        signed = f"{encoded(header)}.{encoded(payload)}"
        token = f"{signed}.{encoded(self._sign(signed.encode()))}"
        self.under_the_key.add(token)
        return token

    def with_header(self, **changes: object) -> str:
        return self.signed(as_json({**self.header, **changes}), as_json(self.claims))

    def with_claims(self, **changes: object) -> str:
        return self.signed(as_json(self.header), as_json({**self.claims, **changes}))

    def with_text(self, *, header: str | None = None, payload: str | None = None) -> str:
        return self.signed(
            as_json(self.header) if header is None else header.encode(),
            as_json(self.claims) if payload is None else payload.encode(),
        )

    def with_number(self, name: str, text: str) -> str:
        """A claim whose number is written as Python would not write it."""
        return self.with_text(payload=json.dumps({**self.claims, name: "?"}).replace('"?"', text))

    def claim_again(self, name: str, value: object) -> str:
        return self.with_text(payload=doubled(self.claims, name, value))

    def header_again(self, name: str, value: object) -> str:
        return self.with_text(header=doubled(self.header, name, value))

    def unsigned(self, **header: object) -> str:
        return f"{encoded(as_json({**self.header, **header}))}.{encoded(as_json(self.claims))}."

    def hmac_under(self, key: bytes, hash_: Callable[..., Any] = sha256, **header: object) -> str:
        signed = self.unsigned(**header)[:-1]
        return f"{signed}.{encoded(hmac_digest(key, signed.encode(), hash_))}"

    def by_stranger(self, **header: object) -> str:
        """What another key of the same algorithm signed, under the name of the genuine one."""
        signed = self.unsigned(**header)[:-1]
        return f"{signed}.{encoded(STRANGERS[self.header['alg']](signed.encode()))}"

    def part(self, number: int, change: Callable[[str], str]) -> str:
        parts = self.genuine.split(".")
        parts[number] = change(parts[number])
        return ".".join(parts)


STRANGERS: dict[str, Callable[[bytes], bytes]] = {
    "HS256": lambda signed: hmac_digest(b"stranger" * 4, signed, sha256),
    "RS256": Key.rsa("stranger").signature,
    "ES256": Key.ec("stranger").signature,
    "Ed25519": Key.ed25519("stranger").signature,
}
STRANGERS_JWK = Key.ed25519("stranger").jwk


def spellings(key: Key) -> dict[str, bytes]:
    jwk = key.jwk
    return {
        "PEM": key.pem,
        "PEM without its last line break": key.pem.rstrip(b"\n"),
        "bare bytes": decoded(jwk.get("x") or jwk["n"]),
        "JWK": as_json(jwk),
    }


def decoded(segment: str) -> bytes:
    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def doubled(members: dict[str, object], name: str, value: object) -> str:
    """The JSON text of `members` with one of them given a second time."""
    return f"{json.dumps(members)[:-1]}, {json.dumps(name)}: {json.dumps(value)}}}"


def other_last_bits(segment: str) -> str:
    """The same bytes to a lenient decoder: only the unused bits of the last character differ."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return segment[:-1] + alphabet[alphabet.index(segment[-1]) ^ 1]


def first_flipped(segment: str) -> str:
    return ("B" if segment[0] == "A" else "A") + segment[1:]


def as_der(signature: bytes) -> bytes:
    """Both numbers of an ECDSA signature as X.509 would have them, and JOSE would not."""
    half = len(signature) // 2
    numbers = b"".join(
        b"\x02" + bytes([len(number)]) + number
        for number in (b"\0" + signature[:half], b"\0" + signature[half:])
    )
    return b"\x30" + bytes([len(numbers)]) + numbers


__all__ = [
    "GONE",
    "STRANGERS_JWK",
    "Forger",
    "as_der",
    "as_json",
    "decoded",
    "doubled",
    "encoded",
    "first_flipped",
    "in_bytes",
    "other_last_bits",
]
