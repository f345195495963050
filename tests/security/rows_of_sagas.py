"""Rows about undertakings of several steps."""

from __future__ import annotations

from tests.security.ways import Http, Way, wide

MINE: tuple[Way, ...] = (wide(lambda me, _: me.sagas.mine(), Http("GET", "/v1/me/sagas"), ("me", "sagas")),)
ALL: tuple[Way, ...] = (
    wide(lambda me, _: me.sagas.list(), Http("GET", "/v1/instance/sagas"), idle=True),
    wide(lambda me, s: me.sagas.get(s["saga"]), Http("GET", "/v1/instance/sagas/{saga}"), idle=True),
    wide(lambda me, s: me.sagas.resume(s["saga"]), Http("POST", "/v1/instance/sagas/{saga}/resume")),
    wide(
        lambda me, s: me.sagas.cancel(s["saga"]),
        Http("POST", "/v1/instance/sagas/{saga}/cancel"),
        by_instance=True,
    ),
)
