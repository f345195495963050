"""Cryptography behind ports: passwords by argon2id, access tokens by JOSE.

Importing this package loads neither argon2 nor joserfc: each is loaded by the first call that needs it,
so that `taskcore --help` and a run without passwords never pay for them.
"""

from __future__ import annotations

from taskcore_crypto.passwords import Argon2Hasher, argon2_hasher
from taskcore_crypto.tokens import AccessTokens, access_tokens

__all__ = ["AccessTokens", "Argon2Hasher", "access_tokens", "argon2_hasher"]
