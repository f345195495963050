"""Prints what it is told of: `WEBHOOK_SECRET=whsec_… python receives_webhooks.py 9000`."""

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["WEBHOOK_SECRET"])
seen: set[str] = set()  # in a database, where there is one


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            told = webhook.verify(body, dict(self.headers))
        except WebhookVerificationError:  # not ours, changed on its way, or older than five minutes
            self.answer(401)
            return
        self.answer(204)  # at once: work that takes long comes after the answer
        if self.headers["webhook-id"] not in seen:  # what comes twice has the same id
            seen.add(self.headers["webhook-id"])
            print(told["type"], told["data"].get("seq", 0), flush=True)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.end_headers()


server = HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
print("listening on", server.server_port, flush=True)
server.serve_forever()
