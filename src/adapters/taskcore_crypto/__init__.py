"""Cryptography behind ports: passwords by argon2id, access tokens by JOSE, our own and an OpenID provider's.

Importing this package loads neither argon2 nor joserfc nor httpx: each is loaded by the first call that needs it,
so that `taskcore --help` and a run without passwords never pay for them.
"""

from __future__ import annotations

from taskcore_crypto.external import ExternalTokens, external_tokens
from taskcore_crypto.passwords import Argon2Hasher, argon2_hasher
from taskcore_crypto.tokens import AccessTokens, access_tokens

__all__ = [
    "AccessTokens",
    "Argon2Hasher",
    "ExternalTokens",
    "access_tokens",
    "argon2_hasher",
    "external_tokens",
]
