#!/usr/bin/env bash
# hishel 2.0.0 and CacheControl 0.14.4: what a cache before them has kept for its whole life is new to them, and is kept
# as long again.
#
# Expected: RFC 9111, section 4.2.3, counts a response's age from the origin server on: it is the larger one of what the
# Age header says and what Date says, and the time it has been kept here is added. That is what a CDN sends Age for.
# hishel's README says that its RFC 9111 mode follows the specification, and CacheControl's that it is a port of the
# caching of httplib2, and of Age nothing.
#
# What happens: both look at Date, and neither at Age. A price with Cache-Control: max-age=100 and Age: 98 is answered
# from the local cache four seconds later, and so is one with Age: 500, which was over before it came. Without Age, but
# with a Date 98 seconds back, it is fetched again as it should be, and one that is new comes from the cache. A comment
# on the function within hishel calls its count simplified; none of the options of its RFC 9111 mode is about it.
#
# For a user: behind a proxy that keeps a price for its max-age and writes a Date of its own, the price is shown for up
# to twice as long as its owner allowed, and for longer with each cache in the chain. Subtract Age from max-age in an
# adapter below the cache, or ask for such paths with Cache-Control: no-cache.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'hishel[requests]==2.0.0' CacheControl==0.14.4 \
    requests==2.34.2
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import email.utils
import http.server
import threading
import time

import cachecontrol
import hishel
import hishel.requests
import requests


class Prices(http.server.BaseHTTPRequestHandler):
    requests = 0

    def do_GET(self):
        Prices.requests += 1
        body = f"answer {Prices.requests}".encode()
        old = 98 if self.path == "/date" else 0
        self.send_response_only(200)
        self.send_header("Date", email.utils.formatdate(time.time() - old, usegmt=True))
        self.send_header("Cache-Control", "max-age=100")
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        if self.path in ("/98", "/500"):
            self.send_header("Age", self.path[1:])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Prices)
threading.Thread(target=server.serve_forever, daemon=True).start()
storage = hishel.SqliteStorage(database_path="cache.db")
by_hishel = requests.Session()
by_hishel.mount("http://", hishel.requests.CacheAdapter(rfc={"shared": False}, storage=storage))
sessions = {"hishel": by_hishel, "CacheControl": cachecontrol.CacheControl(requests.Session())}
for name, session in sessions.items():
    found = {}
    for path in ("/new", "/date", "/98", "/500"):
        for wait in (0, 4):
            time.sleep(wait)
            asked = Prices.requests
            answer = session.get(f"http://127.0.0.1:{server.server_port}{path}")
            assert answer.headers["Cache-Control"] == "max-age=100"
            found[path] = "fetched" if Prices.requests > asked else "from the cache"
    print(f"{name}, after four seconds: {found}")
    assert found["/new"] == "from the cache" and found["/date"] == "fetched"
    assert found["/98"] == found["/500"] == "from the cache", "Age is counted now"
server.shutdown()
PYTHON
