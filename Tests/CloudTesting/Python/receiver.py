"""A receiver of webhooks on loopback, which verifies each with PyPI's `standardwebhooks` and reads it with `cloudevents`.

usage: receiver.py PORT SECRET_FILE EVENTS

Port 0 takes a free one. A path that is a number is answered with that status, a 300 with another place to go to. The
secret is read from SECRET_FILE for each request. Each is appended to the file EVENTS as a line of JSON: `id`, how many
`signatures` the header had, and the `event` where it was verified, or else why it was not, as `bad`.
"""

import http.server
import json
import sys
import threading

from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks import Webhook

PORT, SECRET_FILE, EVENTS = int(sys.argv[1]), sys.argv[2], sys.argv[3]
lock = threading.Lock()


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers["content-length"])
        body = self.rfile.read(length)
        if len(body) < length:
            # Its sender was killed while it sent.
            self.close_connection = True
            return
        if self.path[1:].isdigit():
            return self.answer(int(self.path[1:]))
        try:
            with open(SECRET_FILE) as file:
                Webhook(file.read().strip()).verify(body, {name.lower(): value for name, value in self.headers.items()})
            event = json.loads(body)
            from_http_event(HTTPMessage(headers=dict(self.headers.items()), body=body))
            line = {"event": event}
        except Exception as error:
            line = {"bad": repr(error)}
        line["id"] = self.headers["webhook-id"]
        line["signatures"] = len(self.headers["webhook-signature"].split(" "))
        with lock, open(EVENTS, "a") as file:
            file.write(json.dumps(line) + "\n")
        self.answer(400 if "bad" in line else 204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        if 300 <= status < 400:
            self.send_header("location", "/in")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Receiver)
print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
