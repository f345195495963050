"""The calls into joserfc. Apart from `tokens`, which loads this module when the first token comes."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, OKPKey
from joserfc.jws import JWSRegistry, deserialize_compact, serialize_compact


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
