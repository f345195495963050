"""Forged tokens, shown to both who check tokens here: all are refused, though most are signed with the genuine key.

What is refused is refused for what its name says. Before each, the forger's own spelling of the genuine token is
accepted; and of each it is known whether its signature is genuine.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha384, sha512
from typing import Any
from uuid import UUID

import attrs
import pytest

from taskcore.errors import Unauthenticated
from taskcore_crypto import AccessTokens, ExternalTokens
from tests.security.forger import (
    GONE,
    STRANGERS_JWK,
    Forger,
    as_der,
    as_json,
    decoded,
    doubled,
    encoded,
    first_flipped,
    other_last_bits,
)
from tests.servers.oidc import Issuer, Key, compact, oidc_issuer

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
IAT = int(NOW.timestamp())
ADA = UUID("01936f2e-7c1a-7000-8000-00000000ada0")
BOB = UUID("01936f2e-7c1a-7000-8000-000000000b0b")
SID = UUID("01936f2e-7c1a-7000-8000-0000000051d0")
SECRET, OLD_SECRET = bytes(range(32)), bytes(range(32, 64))
YEAR = 365 * 86_400

Forge = Callable[[Forger], str]

HEADERS: dict[str, Forge] = {
    "alg none, signed all the same": lambda f: f.with_header(alg="none"),
    "alg missing": lambda f: f.with_header(alg=GONE),
    "alg null": lambda f: f.with_header(alg=None),
    "alg empty": lambda f: f.with_header(alg=""),
    "alg a list": lambda f: f.with_header(alg=[f.header["alg"], "none"]),
    "alg an object": lambda f: f.with_header(alg={"name": f.header["alg"]}),
    "alg in other case": lambda f: f.with_header(alg=f.header["alg"].swapcase()),
    "alg with a blank": lambda f: f.with_header(alg=f.header["alg"] + " "),
    "alg EdDSA, the old name": lambda f: f.with_header(alg="EdDSA"),
    "alg ES384, not this key's": lambda f: f.with_header(alg="ES384"),
    "alg ES256K": lambda f: f.with_header(alg="ES256K"),
    "alg Ed448": lambda f: f.with_header(alg="Ed448"),
    "alg RS1": lambda f: f.with_header(alg="RS1"),
    "alg unknown": lambda f: f.with_header(alg="XS256"),
    "kid missing": lambda f: f.with_header(kid=GONE),
    "kid unknown": lambda f: f.with_header(kid="AAAAAAAAAAAAAAAA"),
    "kid empty": lambda f: f.with_header(kid=""),
    "kid null": lambda f: f.with_header(kid=None),
    "kid a number": lambda f: f.with_header(kid=0),
    "kid a list": lambda f: f.with_header(kid=[f.header["kid"]]),
    "kid an object": lambda f: f.with_header(kid={"kid": f.header["kid"]}),
    "kid a path": lambda f: f.with_header(kid="../../../../dev/null"),
    "kid an injection": lambda f: f.with_header(kid="x' UNION SELECT 'k' --"),
    "kid a command": lambda f: f.with_header(kid="| id"),
    "kid an address": lambda f: f.with_header(kid="https://forger.example/key"),
    "kid with a NUL": lambda f: f.with_header(kid=f.header["kid"] + "\0"),
    "kid in other case": lambda f: f.with_header(kid=f.header["kid"].swapcase()),
    "typ null": lambda f: f.with_header(typ=None),
    "typ empty": lambda f: f.with_header(typ=""),
    "typ a list": lambda f: f.with_header(typ=["at+jwt"]),
    "typ in other case": lambda f: f.with_header(typ="AT+JWT"),
    "typ of a reset token": lambda f: f.with_header(typ="reset+jwt"),
    "typ of a logout token": lambda f: f.with_header(typ="logout+jwt"),
    "typ JOSE": lambda f: f.with_header(typ="JOSE"),
    "jwk of the forger": lambda f: f.with_header(jwk=STRANGERS_JWK),
    "jku of the forger": lambda f: f.with_header(jku="https://forger.example/jwks.json"),
    "x5u of the forger": lambda f: f.with_header(x5u="https://forger.example/cert.pem"),
    "x5c of the forger": lambda f: f.with_header(x5c=["MIIB"]),
    "jwk null": lambda f: f.with_header(jwk=None),
    "crit with a claim": lambda f: f.with_header(crit=["exp"]),
    "crit with what is there": lambda f: f.with_header(crit=["kid"]),
    "crit empty": lambda f: f.with_header(crit=[]),
    "crit null": lambda f: f.with_header(crit=None),
    "b64 false": lambda f: f.with_header(b64=False, crit=["b64"]),
    "b64 false, without crit": lambda f: f.with_header(b64=False),
    "zip": lambda f: f.with_header(zip="DEF"),
    "enc": lambda f: f.with_header(enc="A256GCM"),
    "alg given twice": lambda f: f.header_again("alg", f.header["alg"]),
    "alg none, given second": lambda f: f.header_again("alg", "none"),
    "kid given twice": lambda f: f.header_again("kid", f.header["kid"]),
    "alg given twice, once escaped": lambda f: f.with_text(
        header=doubled(f.header, "alg", "none").replace(', "alg": "none"', ', "\\u0061lg": "none"')
    ),
    "header an array": lambda f: f.with_text(header="[]"),
    "header null": lambda f: f.with_text(header="null"),
    "header a string": lambda f: f.with_text(header=json.dumps(json.dumps(f.header))),
    "header no JSON": lambda f: f.with_text(header="{"),
    "header empty": lambda f: f.with_text(header=""),
    "header with more after it": lambda f: f.with_text(header=json.dumps(f.header) + "{}"),
    "header nested deep": lambda f: f.with_text(header="[" * 1_250, payload="{}"),
    "header UTF-16": lambda f: f.signed(as_json(f.header).decode().encode("utf-16"), as_json(f.claims)),
    "header with a byte order mark": lambda f: f.signed(
        b"\xef\xbb\xbf" + as_json(f.header), as_json(f.claims)
    ),
}

CLAIMS: dict[str, Forge] = {
    "iss missing": lambda f: f.with_claims(iss=GONE),
    "iss null": lambda f: f.with_claims(iss=None),
    "iss of another": lambda f: f.with_claims(iss="https://forger.example"),
    "iss a list": lambda f: f.with_claims(iss=[f.claims["iss"]]),
    "iss longer": lambda f: f.with_claims(iss=f.claims["iss"] + ".forger.example"),
    "iss with a slash": lambda f: f.with_claims(iss=f.claims["iss"] + "/"),
    "iss in capitals": lambda f: f.with_claims(iss=f.claims["iss"].upper()),
    "iss with a blank": lambda f: f.with_claims(iss=f.claims["iss"] + " "),
    "iss given twice": lambda f: f.claim_again("iss", f.claims["iss"]),
    "aud missing": lambda f: f.with_claims(aud=GONE),
    "aud null": lambda f: f.with_claims(aud=None),
    "aud empty": lambda f: f.with_claims(aud=""),
    "aud of another": lambda f: f.with_claims(aud="billing"),
    "aud a part of ours": lambda f: f.with_claims(aud="task"),
    "aud with ours in it": lambda f: f.with_claims(aud="taskcore billing"),
    "aud in capitals": lambda f: f.with_claims(aud="TASKCORE"),
    "aud an empty list": lambda f: f.with_claims(aud=[]),
    "aud a list of others": lambda f: f.with_claims(aud=["billing", "mail"]),
    "aud a list with ours and a number": lambda f: f.with_claims(aud=["taskcore", 1]),
    "aud a list in a list": lambda f: f.with_claims(aud=[["taskcore"]]),
    "aud an object": lambda f: f.with_claims(aud={"taskcore": True}),
    "aud true": lambda f: f.with_claims(aud=True),
    "sub missing": lambda f: f.with_claims(sub=GONE),
    "sub null": lambda f: f.with_claims(sub=None),
    "sub empty": lambda f: f.with_claims(sub=""),
    "sub blank": lambda f: f.with_claims(sub="  "),
    "sub a number": lambda f: f.with_claims(sub=1),
    "sub a list": lambda f: f.with_claims(sub=[str(ADA)]),
    "sub an object": lambda f: f.with_claims(sub={"id": str(ADA)}),
    "sub of 256 characters": lambda f: f.with_claims(sub="x" * 256),
    "sub with a NUL": lambda f: f.with_claims(sub=f.claims["sub"] + "\0"),
    "sub with a line break": lambda f: f.with_claims(sub=f.claims["sub"] + "\n"),
    "sub with half of a surrogate pair": lambda f: f.with_claims(sub=f.claims["sub"] + "\ud800"),
    "sub given twice": lambda f: f.claim_again("sub", str(BOB)),
    "sub given twice, once escaped": lambda f: f.with_text(
        payload=doubled(f.claims, "sub", str(BOB)).replace(', "sub": ', ', "s\\u0075b": ')
    ),
    "exp given twice": lambda f: f.claim_again("exp", IAT + 299),
    "a nested member given twice": lambda f: f.with_text(
        payload=json.dumps(f.claims)[:-1] + ', "act": {"sub": "a", "sub": "b"}}'
    ),
    "exp missing": lambda f: f.with_claims(exp=GONE),
    "exp null": lambda f: f.with_claims(exp=None),
    "exp a string": lambda f: f.with_claims(exp=str(IAT + 300)),
    "exp a date": lambda f: f.with_claims(exp="2026-11-22T12:05:00Z"),
    "exp a list": lambda f: f.with_claims(exp=[IAT + 300]),
    "exp a float": lambda f: f.with_claims(exp=IAT + 300.0),
    "exp a fraction": lambda f: f.with_claims(exp=IAT + 300.5),
    "exp with an exponent": lambda f: f.with_number("exp", f"{(IAT + 300) / 1e9:.9f}e9"),
    "exp true": lambda f: f.with_claims(exp=True, iat=0),
    "exp false": lambda f: f.with_claims(exp=False),
    "exp zero": lambda f: f.with_claims(exp=0),
    "exp negative": lambda f: f.with_claims(exp=-IAT),
    "exp NaN": lambda f: f.with_number("exp", "NaN"),
    "exp Infinity": lambda f: f.with_number("exp", "Infinity"),
    "exp 1e400": lambda f: f.with_number("exp", "1e400"),
    "exp in hexadecimal": lambda f: f.with_number("exp", hex(IAT + 300)),
    "exp with a leading zero": lambda f: f.with_number("exp", f"0{IAT + 300}"),
    "exp in milliseconds": lambda f: f.with_claims(exp=(IAT + 300) * 1_000),
    "exp in a hundred years": lambda f: f.with_claims(exp=IAT + 100 * YEAR),
    "exp one second too far": lambda f: f.with_claims(exp=IAT + f.longest_seconds + 1),
    "exp of a thousand digits": lambda f: f.with_claims(exp=10**999),
    "exp of five thousand digits": lambda f: f.with_number("exp", "9" * 5_000),
    "exp and iat of a thousand digits": lambda f: f.with_claims(exp=10**400 + 300, iat=10**400),
    "exp and iat in a hundred years": lambda f: f.with_claims(
        exp=IAT + 100 * YEAR + 300, iat=IAT + 100 * YEAR
    ),
    "exp far from an early iat": lambda f: f.with_claims(iat=IAT - f.longest_seconds, exp=IAT + 1),
    "iat null": lambda f: f.with_claims(iat=None),
    "iat a string": lambda f: f.with_claims(iat=str(IAT)),
    "iat a float": lambda f: f.with_claims(iat=float(IAT)),
    "iat true": lambda f: f.with_claims(iat=True),
    "iat NaN": lambda f: f.with_number("iat", "NaN"),
    "iat negative": lambda f: f.with_claims(iat=-IAT),
    "iat in the future": lambda f: f.with_claims(iat=IAT + 61),
    "nbf in the future": lambda f: f.with_claims(nbf=IAT + 61),
    "nbf in a hundred years": lambda f: f.with_claims(nbf=IAT + 100 * YEAR),
    "nbf a string": lambda f: f.with_claims(nbf=str(IAT)),
    "nbf null": lambda f: f.with_claims(nbf=None),
    "nbf Infinity": lambda f: f.with_claims(nbf=float("-inf")),
    "NaN where nobody looks": lambda f: f.with_claims(note=float("nan")),
    "payload an array": lambda f: f.with_text(payload=json.dumps([f.claims])),
    "payload a string": lambda f: f.with_text(payload=json.dumps(json.dumps(f.claims))),
    "payload null": lambda f: f.with_text(payload="null"),
    "payload no JSON": lambda f: f.with_text(payload="not json"),
    "payload empty": lambda f: f.with_text(payload=""),
    "payload with more after it": lambda f: f.with_text(payload=json.dumps(f.claims) + "{}"),
    "payload in single quotes": lambda f: f.with_text(payload=str(f.claims)),
    "payload nested deep": lambda f: f.with_text(payload="[" * 1_250),
    "payload nested deeper": lambda f: f.with_text(payload='{"a":' * 1_000 + "1" + "}" * 1_000),
    "payload with bad UTF-8": lambda f: f.signed(
        as_json(f.header), as_json(f.claims)[:-1] + b',"note":"\xff"}'
    ),
    "payload UTF-16": lambda f: f.signed(as_json(f.header), as_json(f.claims).decode().encode("utf-16")),
    "payload with a byte order mark": lambda f: f.signed(
        as_json(f.header), b"\xef\xbb\xbf" + as_json(f.claims)
    ),
    "a nested token": lambda f: f.with_text(payload=f.genuine),
    "longer than any genuine one": lambda f: f.with_text(
        payload=json.dumps(f.claims) + " " * f.most_characters
    ),
}

EXPIRED: dict[str, Forge] = {
    "exp past": lambda f: f.with_claims(exp=IAT - 1, iat=IAT - 300),
    "exp at this very moment": lambda f: f.with_claims(exp=IAT, iat=IAT - 300),
}

WITHOUT_THE_KEY: dict[str, Forge] = {
    "alg none": lambda f: f.unsigned(alg="none"),
    "alg None": lambda f: f.unsigned(alg="None"),
    "alg NONE": lambda f: f.unsigned(alg="NONE"),
    "alg nOnE": lambda f: f.unsigned(alg="nOnE"),
    "alg none with a blank": lambda f: f.unsigned(alg="none "),
    "alg none, without kid": lambda f: f.unsigned(alg="none", kid=GONE),
    "alg null, unsigned": lambda f: f.unsigned(alg=None),
    "unsigned": lambda f: f.unsigned(),
    "HMAC under the public key in PEM": lambda f: f.hmac_under(f.public["PEM"], alg="HS256"),
    "HMAC under the public key in PEM, shortened": lambda f: f.hmac_under(
        f.public["PEM without its last line break"], alg="HS256"
    ),
    "HMAC under the public key's bytes": lambda f: f.hmac_under(f.public["bare bytes"], alg="HS256"),
    "HMAC under the public key as JWK": lambda f: f.hmac_under(f.public["JWK"], alg="HS256"),
    "HMAC under the public key, alg kept": lambda f: f.hmac_under(f.public["bare bytes"]),
    "HMAC under the public key, HS384": lambda f: f.hmac_under(f.public["PEM"], sha384, alg="HS384"),
    "HMAC under the public key, HS512": lambda f: f.hmac_under(f.public["PEM"], sha512, alg="HS512"),
    "HMAC under the bare secret": lambda f: f.hmac_under(SECRET, alg="HS256"),
    "HMAC under nothing": lambda f: f.hmac_under(b"", alg="HS256"),
    "HMAC under the kid": lambda f: f.hmac_under(str(f.header["kid"]).encode(), alg="HS256"),
    "HMAC under an empty file": lambda f: f.hmac_under(b"", alg="HS256", kid="/dev/null"),
    "another key's signature": lambda f: f.by_stranger(),
    "another key's signature, and that key": lambda f: f.by_stranger(jwk=STRANGERS_JWK, kid="stranger"),
    "another key's signature, without kid": lambda f: f.by_stranger(kid=GONE),
    "a retired key's token": lambda f: f.retired,
    "header of another token": lambda f: f.part(0, lambda _: encoded(as_json({**f.header, "alg": "HS512"}))),
    "payload of another token": lambda f: f.part(
        1, lambda _: encoded(as_json({**f.claims, "sub": str(BOB)}))
    ),
    "payload that lasts longer": lambda f: f.part(
        1, lambda _: encoded(as_json({**f.claims, "exp": IAT + 301}))
    ),
    "payload with one bit flipped": lambda f: f.part(1, first_flipped),
    "header left out": lambda f: f.part(0, lambda _: ""),
    "payload left out": lambda f: f.part(1, lambda _: ""),
    "signature left out": lambda f: f.part(2, lambda _: ""),
    "signature cut short": lambda f: f.part(2, lambda s: s[:-4]),
    "signature longer": lambda f: f.part(2, lambda s: s + "AAAA"),
    "signature all zero": lambda f: f.part(2, lambda s: encoded(bytes(len(decoded(s))))),
    "signature all ones": lambda f: f.part(2, lambda s: encoded(b"\xff" * len(decoded(s)))),
    "signature of one byte": lambda f: f.part(2, lambda _: "AA"),
    "signature as DER": lambda f: f.part(2, lambda s: encoded(as_der(decoded(s)[-64:]))),
    "signature with one bit flipped": lambda f: f.part(2, first_flipped),
    "signature spelt otherwise": lambda f: f.part(2, other_last_bits),
    "signature padded": lambda f: f.part(2, lambda s: s + "=" * (-len(s) % 4)),
    "signature padded too much": lambda f: f.part(2, lambda s: s + "===="),
    "signature in the other alphabet": lambda f: f.part(2, lambda s: s[:-2] + "+/"),
    "signature in hexadecimal": lambda f: f.part(2, lambda s: decoded(s).hex()),
    "signature with blanks": lambda f: f.part(2, lambda s: f"{s[:9]} {s[9:]}"),
    "header padded": lambda f: f.part(0, lambda s: s + "="),
    "header with a line break": lambda f: f.part(0, lambda s: f"{s[:8]}\n{s[8:]}"),
    "payload with a line break": lambda f: f.part(1, lambda s: f"{s[:8]}\r\n{s[8:]}"),
    "trailing line break": lambda f: f.genuine + "\n",
    "trailing blank": lambda f: f.genuine + " ",
    "leading blank": lambda f: " " + f.genuine,
    "trailing dot": lambda f: f.genuine + ".",
    "a Bearer before it": lambda f: "Bearer " + f.genuine,
    "in quotes": lambda f: json.dumps(f.genuine),
    "twice": lambda f: f.genuine + f.genuine,
    "twice, with a comma": lambda f: f"{f.genuine},{f.genuine}",
    "cut in half": lambda f: f.genuine[: len(f.genuine) // 2],
    "without the last character": lambda f: f.genuine[:-1],
    "one part": lambda f: f.genuine.split(".")[0],
    "two parts": lambda f: f.genuine.rpartition(".")[0],
    "four parts": lambda f: f.genuine + ".AAAA",
    "a JWE": lambda f: (
        f"{encoded(as_json({'alg': 'dir', 'enc': 'A256GCM', 'kid': f.header['kid']}))}..AAAA.AAAA.AAAA"
    ),
    "a JWS with three dots too many": lambda f: f.genuine + "...",
    "a JWS in JSON": lambda f: json.dumps(
        dict(zip(("protected", "payload", "signature"), f.genuine.split("."), strict=True))
    ),
    "a JWS in general JSON": lambda f: json.dumps(
        {
            "payload": f.genuine.split(".")[1],
            "signatures": [{"protected": f.genuine.split(".")[0], "signature": f.genuine.split(".")[2]}],
        }
    ),
    "claims alone": lambda f: json.dumps(f.claims),
    "empty": lambda _: "",
    "a dot": lambda _: ".",
    "dots": lambda _: "..",
    "other script": lambda f: f.part(2, lambda s: s[:-1] + "\uff21"),
    "an unpaired surrogate": lambda f: f.part(2, lambda s: s[:-1] + "\ud800"),
    "a NUL": lambda f: f.genuine + "\0",
    "in capitals": lambda f: f.genuine.upper(),
    "enormous": lambda _: "A" * 1_000_000 + ".A.A",
}

OUR_HEADERS_AND_CLAIMS: dict[str, Forge] = {
    "typ missing": lambda f: f.with_header(typ=GONE),
    "typ JWT": lambda f: f.with_header(typ="JWT"),
    "cty nested": lambda f: f.with_header(cty="JWT"),
    "an unknown header member": lambda f: f.with_header(x=1),
    "iat missing": lambda f: f.with_claims(iat=GONE),
    "aud a list with ours": lambda f: f.with_claims(aud=["taskcore"]),
    "sub no id": lambda f: f.with_claims(sub="ada@example.org"),
    "sub in capitals": lambda f: f.with_claims(sub=str(ADA).upper()),
    "sub in braces": lambda f: f.with_claims(sub=f"{{{ADA}}}"),
    "sub a URN": lambda f: f.with_claims(sub=ADA.urn),
    "sub without dashes": lambda f: f.with_claims(sub=ADA.hex),
    "sid missing": lambda f: f.with_claims(sid=GONE),
    "sid null": lambda f: f.with_claims(sid=None),
    "sid empty": lambda f: f.with_claims(sid=""),
    "sid a number": lambda f: f.with_claims(sid=1),
    "sid no id": lambda f: f.with_claims(sid="session"),
    "sid in capitals": lambda f: f.with_claims(sid=str(SID).upper()),
    "sid given twice": lambda f: f.claim_again("sid", str(SID)),
    "nbf past": lambda f: f.with_claims(nbf=IAT - 1),
    "an unknown claim": lambda f: f.with_claims(scope="tasks:read"),
}

THEIR_HEADERS_AND_CLAIMS: dict[str, Forge] = {
    "kid of a secret key": lambda f: f.with_header(kid="secret"),
    "kid of a key that encrypts": lambda f: f.with_header(kid="encrypts"),
    "kid of a key that does not check": lambda f: f.with_header(kid="signs"),
    "kid of a key too short": lambda f: f.with_header(kid="short"),
    "kid of a key for another algorithm": lambda f: f.with_header(kid="other"),
    "kid of two keys": lambda f: f.with_header(kid="both"),
}

KEYS_OF_THEIRS = {
    "short": Key.rsa("short", bits=1_024),
    "encrypts": Key.rsa("encrypts"),
    "signs": Key.rsa("signs"),
    "other": Key.ec("other", "ES384", "P-384"),
    "rs256": Key.rsa("rs256"),
    "one": Key.ec("both"),
    "another": Key.ec("both"),
}

BY_OTHER_KEYS: dict[str, Callable[[Issuer], str]] = {
    "a key that encrypts": lambda i: i.token(key=KEYS_OF_THEIRS["encrypts"], at=NOW),
    "a key that does not check": lambda i: i.token(key=KEYS_OF_THEIRS["signs"], at=NOW),
    "a key too short": lambda i: i.token(key=KEYS_OF_THEIRS["short"], at=NOW),
    "one of two keys of one kid": lambda i: i.token(key=KEYS_OF_THEIRS["one"], at=NOW),
    "the other of two keys of one kid": lambda i: i.token(key=KEYS_OF_THEIRS["another"], at=NOW),
    "RS512 by a key for RS256": lambda i: by_algorithm(i, "RS512", KEYS_OF_THEIRS["rs256"]),
    "PS256 by a key for RS256": lambda i: by_algorithm(i, "PS256", KEYS_OF_THEIRS["rs256"]),
    "ES256 by a key for ES384": lambda i: by_algorithm(i, "ES256", KEYS_OF_THEIRS["other"]),
    "EdDSA by a key for Ed25519": lambda i: by_algorithm(i, "EdDSA", i.keys["ed25519"]),
    "a published secret": lambda i: Forger.of_theirs(
        i.keys["rsa"], i.token(at=NOW), longest_seconds=0, most_characters=0
    ).hmac_under(SECRET, alg="HS256", kid="secret"),
    "one key under the kid of another": lambda i: i.token(
        key="ec", at=NOW, header={"kid": i.keys["rsa"].kid}
    ),
    "one key under kid and alg of another": lambda i: i.token(
        key="ec", at=NOW, header={"kid": i.keys["rsa"].kid, "alg": "RS256"}
    ),
}

OURS_ACCEPTED: dict[str, Forge] = {
    "as it is": lambda f: f.genuine,
    "with blanks in its JSON": lambda f: f.with_text(
        header=json.dumps(f.header, indent=1), payload=json.dumps(f.claims, indent=1)
    ),
    "issued by a clock a minute ahead": lambda f: f.with_claims(iat=IAT + 60),
    "as long as may be": lambda f: f.with_claims(iat=IAT + 60, exp=IAT + 60 + f.longest_seconds),
    "with a second left": lambda f: f.with_claims(iat=IAT - 300, exp=IAT + 1),
}

THEIRS_ACCEPTED: dict[str, Forge] = {
    **OURS_ACCEPTED,
    "typ missing": lambda f: f.with_header(typ=GONE),
    "typ at+jwt": lambda f: f.with_header(typ="at+jwt"),
    "a header member that says nothing": lambda f: f.with_header(x5t="AAAA", nonce="n"),
    "a claim we do not know": lambda f: f.with_claims(azp="web"),
    "aud a list with ours": lambda f: f.with_claims(aud=["billing", "taskcore"]),
    "iat missing": lambda f: f.with_claims(iat=GONE, exp=IAT + f.longest_seconds),
    "nbf a minute ahead": lambda f: f.with_claims(nbf=IAT + 60),
    "sub of 255 characters": lambda f: f.with_claims(sub="x" * 255),
    "as large as may be": lambda f: f.with_text(
        payload=json.dumps(f.claims) + " " * (f.most_characters * 3 // 4 - 1_200)
    ),
}


@attrs.frozen
class Door:
    """Somebody who checks tokens, and a forger who is out to get past."""

    forger: Forger
    verify: Callable[[str, datetime], Awaitable[object]]


def ours(algorithm: Any) -> Door:
    tokens = AccessTokens([SECRET], algorithm=algorithm)
    retired = AccessTokens([OLD_SECRET], algorithm=algorithm).issue(ADA, SID, NOW)
    genuine = tokens.issue(ADA, SID, NOW)
    forger = Forger.of_ours(tokens, genuine, longest_seconds=900, most_characters=2_048, retired=retired)

    async def verify(token: str, now: datetime) -> object:
        return tokens.verify(token, now)

    return Door(forger, verify)


def theirs(issuer: Issuer, kind: str, retired: str) -> Door:
    tokens = ExternalTokens(issuer=issuer.url, audience="taskcore")
    forger = Forger.of_theirs(
        issuer.keys[kind],
        issuer.token(key=kind, at=NOW),
        longest_seconds=86_400,
        most_characters=16_384,
        retired=retired,
    )
    return Door(forger, tokens.verify)


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with oidc_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def doors(issuer: Issuer) -> dict[str, Door]:
    retired = {kind: issuer.token(key=kind, at=NOW) for kind in issuer.keys}
    issuer.rotate()
    issuer.publish(KEYS_OF_THEIRS["other"], KEYS_OF_THEIRS["rs256"], KEYS_OF_THEIRS["short"])
    issuer.publish(KEYS_OF_THEIRS["one"], KEYS_OF_THEIRS["another"])
    issuer.jwks["keys"] += [
        {"kty": "oct", "kid": "secret", "use": "sig", "alg": "HS256", "k": encoded(SECRET)},
        {**KEYS_OF_THEIRS["encrypts"].jwk, "use": "enc"},
        {**KEYS_OF_THEIRS["signs"].jwk, "key_ops": ["sign"]},
    ]
    return {
        "ours by Ed25519": ours("Ed25519"),
        "ours by HS256": ours("HS256"),
        "theirs by RSA": theirs(issuer, "rsa", retired["rsa"]),
        "theirs by EC": theirs(issuer, "ec", retired["ec"]),
        "theirs by Ed25519": theirs(issuer, "ed25519", retired["ed25519"]),
    }


ANYONES = {**HEADERS, **CLAIMS, **EXPIRED, **WITHOUT_THE_KEY}
OURS = {**ANYONES, **OUR_HEADERS_AND_CLAIMS}
THEIRS = {**ANYONES, **THEIR_HEADERS_AND_CLAIMS}
DOORS = {
    "ours by Ed25519": OURS,
    "ours by HS256": OURS,
    "theirs by RSA": THEIRS,
    "theirs by EC": THEIRS,
    "theirs by Ed25519": THEIRS,
}


def at_each_door(tables: dict[str, dict[str, Forge]]) -> pytest.MarkDecorator:
    rows = [
        pytest.param(door, name, id=f"{door}: {name}") for door, table in tables.items() for name in table
    ]
    return pytest.mark.parametrize(("door", "name"), rows)


@at_each_door(DOORS)
async def test_a_forged_token_is_refused(doors: dict[str, Door], door: str, name: str) -> None:
    forger, verify = doors[door].forger, doors[door].verify
    await verify(forger.with_claims(), NOW)
    token = DOORS[door][name](forger)

    assert (token in forger.under_the_key) == (name not in WITHOUT_THE_KEY)
    with pytest.raises(Unauthenticated) as refused:
        await verify(token, NOW)
    said = "the access token has expired" if name in EXPIRED else "the access token is not valid"
    assert refused.value.message == said


ACCEPTED = {door: OURS_ACCEPTED if door.startswith("ours") else THEIRS_ACCEPTED for door in DOORS}


@at_each_door(ACCEPTED)
async def test_a_genuine_token_is_accepted_however_unusual(
    doors: dict[str, Door], door: str, name: str
) -> None:
    await doors[door].verify(ACCEPTED[door][name](doors[door].forger), NOW)


@pytest.mark.parametrize("name", BY_OTHER_KEYS)
async def test_what_a_published_key_is_not_for_it_does_not_prove(
    doors: dict[str, Door], issuer: Issuer, name: str
) -> None:
    with pytest.raises(Unauthenticated):
        await doors["theirs by RSA"].verify(BY_OTHER_KEYS[name](issuer), NOW)


@pytest.mark.parametrize("kid", ["other", "rs256"])
async def test_the_other_keys_prove_what_they_are_for(
    doors: dict[str, Door], issuer: Issuer, kid: str
) -> None:
    await doors["theirs by RSA"].verify(issuer.token(key=KEYS_OF_THEIRS[kid], at=NOW), NOW)


async def test_a_retired_key_was_good_once() -> None:
    """Else its token above would be refused for anything."""
    retired = AccessTokens([OLD_SECRET])

    assert retired.verify(retired.issue(ADA, SID, NOW), NOW).user_id == ADA


async def test_forgeries_fetch_no_keys(doors: dict[str, Door], issuer: Issuer) -> None:
    """None of all these, at one moment, but the first: the keys are known, and unknown ones are asked for once."""
    door = doors["theirs by EC"]
    await door.verify(door.forger.genuine, NOW)
    before = issuer.requests.total()
    for forge in THEIRS.values():
        with pytest.raises(Unauthenticated):
            await door.verify(forge(door.forger), NOW)

    assert issuer.requests.total() == before


def by_algorithm(issuer: Issuer, algorithm: str, key: Key) -> str:
    """What is not wrong with the signature itself: it is by that key and by the algorithm that the header names."""
    header = as_json({"alg": algorithm, "kid": key.kid, "typ": "JWT"})
    return compact(header, as_json(issuer.claims(NOW)), key, algorithm)
