"""An OpenID provider of our own, on loopback: what it signs is made without the library that checks it.

`with oidc_issuer() as issuer: issuer.token(sub="ada", key="ec")`
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import attrs
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DISCOVERY, JWKS = "/.well-known/openid-configuration", "/jwks.json"
HASHES: dict[str, HashAlgorithm] = {"256": SHA256(), "384": SHA384(), "512": SHA512()}
CURVES: dict[str, ec.EllipticCurve] = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
}
MOST_SECONDS_HELD = 30

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | Ed25519PrivateKey
GONE = object()
"""Instead of a claim's or a header member's value: leave it out."""


@attrs.frozen
class Key:
    """A private key, its name, and the algorithm that its JWK says it is for."""

    kid: str
    algorithm: str
    private: PrivateKey

    @classmethod
    def rsa(cls, kid: str, algorithm: str = "RS256", bits: int = 2_048) -> Key:
        return cls(kid, algorithm, rsa.generate_private_key(65_537, bits))

    @classmethod
    def ec(cls, kid: str, algorithm: str = "ES256", curve: str = "P-256") -> Key:
        return cls(kid, algorithm, ec.generate_private_key(CURVES[curve]))

    @classmethod
    def ed25519(cls, kid: str, algorithm: str = "Ed25519") -> Key:
        return cls(kid, algorithm, Ed25519PrivateKey.generate())

    @property
    def jwk(self) -> dict[str, Any]:
        return {"kid": self.kid, "use": "sig", "alg": self.algorithm, **public_members(self.private)}

    @property
    def pem(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def signature(self, signed: bytes, algorithm: str | None = None) -> bytes:
        """By the key's own algorithm, or by another of its kind."""
        algorithm = algorithm or self.algorithm
        hashed = HASHES.get(algorithm[2:], SHA256())
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.sign(signed)
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            return two_numbers(self.private.sign(signed, ec.ECDSA(hashed)), self.private.curve.key_size)
        if algorithm.startswith("PS"):
            pss = padding.PSS(padding.MGF1(hashed), salt_length=hashed.digest_size)
            return self.private.sign(signed, pss, hashed)
        return self.private.sign(signed, padding.PKCS1v15(), hashed)


class Issuer:
    """The running provider. Whatever it would publish may be overwritten: `issuer.jwks["keys"] = []`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.audience = "taskcore"
        self.requests: Counter[str] = Counter()
        """How often each path was asked for."""
        self.down = False
        """Whether it answers 503, and nothing else."""
        self.answers: dict[str, Callable[[], tuple[int, Mapping[str, str], bytes]]] = {}
        """By path, what it answers instead of what it should."""
        self.discovery: dict[str, Any] = {"issuer": url, "jwks_uri": url + JWKS}
        self.keys: dict[str, Key] = {}
        self.jwks: dict[str, Any] = {}
        self._generation = 0
        self._held, self._let_go = Event(), Event()
        self._let_go.set()
        self.rotate()

    def rotate(self) -> None:
        """Sign with new keys from now on, and publish the old ones no longer."""
        self._generation += 1
        of = self._generation
        self.keys = {
            "rsa": Key.rsa(f"rsa-{of}"),
            "ec": Key.ec(f"ec-{of}"),
            "ed25519": Key.ed25519(f"ed25519-{of}"),
        }
        self.jwks = {"keys": [key.jwk for key in self.keys.values()]}

    def publish(self, *keys: Key) -> None:
        """These too, beside its own."""
        self.jwks["keys"] += [key.jwk for key in keys]

    @contextmanager
    def slow(self) -> Iterator[Event]:
        """No answer before the block ends; the event tells that somebody waits for one."""
        self._held.clear()
        self._let_go.clear()
        try:
            yield self._held
        finally:
            self._let_go.set()

    def token(
        self,
        *,
        key: str | Key = "rsa",
        at: datetime | None = None,
        header: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """Signed as it should be; `header` and `claims` say what is otherwise than usual, `GONE` what is missing."""
        signing = self.keys[key] if isinstance(key, str) else key
        heading = {"alg": signing.algorithm, "kid": signing.kid, "typ": "JWT", **(header or {})}
        return compact(as_json(heading), as_json({**self.claims(at), **claims}), signing)

    def claims(self, at: datetime | None = None) -> dict[str, Any]:
        """What a token says, issued now or then, if it is not told otherwise."""
        issued_at = int((at or datetime.now(UTC)).timestamp())
        return {
            "iss": self.url,
            "aud": self.audience,
            "sub": "ada-at-the-issuer",
            "iat": issued_at,
            "exp": issued_at + 300,
            "email": "ada@example.org",
            "email_verified": True,
            "name": "Ada Lovelace",
        }

    def answer(self, path: str) -> tuple[int, Mapping[str, str], bytes]:
        self.requests[path] += 1
        self._held.set()
        self._let_go.wait(MOST_SECONDS_HELD)
        if self.down:
            return 503, {}, b"down"
        if path in self.answers:
            return self.answers[path]()
        documents = {DISCOVERY: self.discovery, JWKS: self.jwks}
        if path not in documents:
            return 404, {}, b"nothing here"
        return 200, {"Content-Type": "application/json"}, json.dumps(documents[path]).encode()


@contextmanager
def oidc_issuer() -> Iterator[Issuer]:
    """A provider that runs until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = issuer.answer(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: `requests` counts."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who asked may have gone away
        issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()


def compact(header: bytes, payload: bytes, key: Key, algorithm: str | None = None) -> str:
    """Exactly these bytes under that key."""
    signed = f"{encoded(header)}.{encoded(payload)}"
    return f"{signed}.{encoded(key.signature(signed.encode(), algorithm))}"


def as_json(members: Mapping[str, object]) -> bytes:
    kept = {name: value for name, value in members.items() if value is not GONE}
    return json.dumps(kept, separators=(",", ":")).encode()


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def public_members(private: PrivateKey) -> dict[str, str]:
    """What RFC 7518 and 8037 have a JWK of that kind say."""
    if isinstance(private, Ed25519PrivateKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": encoded(private.public_key().public_bytes_raw())}
    if isinstance(private, rsa.RSAPrivateKey):
        numbers = private.public_key().public_numbers()
        return {"kty": "RSA", "n": encoded(in_bytes(numbers.n)), "e": encoded(in_bytes(numbers.e))}
    point, size = private.public_key().public_numbers(), private.curve.key_size
    name = next(name for name, curve in CURVES.items() if curve.name == private.curve.name)
    return {
        "kty": "EC",
        "crv": name,
        "x": encoded(in_bytes(point.x, size)),
        "y": encoded(in_bytes(point.y, size)),
    }


def two_numbers(der: bytes, bits: int) -> bytes:
    """An ECDSA signature as JOSE has it: both numbers at full length, nothing between."""
    return b"".join(in_bytes(number, bits) for number in decode_dss_signature(der))


def in_bytes(number: int, bits: int | None = None) -> bytes:
    return number.to_bytes(((bits or number.bit_length()) + 7) // 8)
