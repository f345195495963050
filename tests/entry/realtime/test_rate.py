"""How often one may say anything over a socket: as often as one may ask for anything."""

from __future__ import annotations

from pathlib import Path

import httpx
from websockets.sync.client import connect

from taskcore.limits import Rate
from taskcore_http import from_settings
from tests.entry.http.conftest import PASSWORD, serving, settings_for
from tests.entry.realtime.listening import LIMITS, Listener

ALLOWED = 10


def test_who_says_too_much_is_closed_with_4429(tmp_path: Path, key: str) -> None:
    settings = settings_for("memory://", tmp_path, rate_user=Rate(1, 3_600, ALLOWED))
    with serving(from_settings(settings, LIMITS)) as address, httpx.Client(base_url=address) as http:
        account = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
        token = http.post("/v1/auth/signup", json=account).json()["access_token"]
        bearer = {"authorization": f"Bearer {token}"}
        assert http.post("/v1/teams", json={"name": "T", "key": key}, headers=bearer).status_code == 201
        uri = f"{address.replace('http', 'ws', 1)}/v1/teams/{key}/events/ws"
        with connect(uri, proxy=None, close_timeout=1) as socket:
            listener = Listener(socket)
            listener.say({"token": token})
            listener.until("ready")
            for _ in range(ALLOWED):
                listener.say({"type": "dance"})
            code, _ = listener.ends()
        again = http.get(f"/v1/teams/{key}", headers=bearer)

    assert code == 4429
    assert again.status_code == 429
