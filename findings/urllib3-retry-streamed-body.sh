#!/usr/bin/env bash
# urllib3 2.8.0 (requests 2.34.2 too): a PUT whose body is streamed is tried again with an empty body, and 200 is told.
#
# Expected: urllib3 tries a PUT again, for it is idempotent, once a Retry asks for it. What it cannot send a second time
# it refuses to: a file is wound back, and the reference has UnrewindableBodyError for a body that does not go back.
# httpx 0.28.1 with httpx-retries 0.6.0 raises StreamConsumed for the same body from a generator.
#
# What happens: a generator, or another iterable that can be read once, is spent after the first attempt. It has no
# position, so that nothing is asked of it; the second attempt is a sound chunked request of no bytes, the server keeps
# those, and the caller is given the 200. Whether the first attempt was answered by 503 or broken off in between makes
# no difference. With a list of the same parts, or a file, the second attempt is whole.
#
# For a user: an export, a stock list or a backup that is uploaded piece by piece is replaced by an empty object in the
# moment that the store is busy, and the log says that it went well. Hand over a file, bytes or a list; or let the code
# that makes the generator do the trying again.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check \
    urllib3==2.8.0 requests==2.34.2 httpx==0.28.1 httpx-retries==0.6.0
"$folder/venv/bin/python" - <<'PYTHON'
import http.server
import io
import threading

import httpx
import httpx_retries
import requests
import requests.adapters
import urllib3

bodies = []


class Store(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    breaks = False

    def do_PUT(self):
        body = b""
        if "chunked" in self.headers.get("transfer-encoding", ""):
            while length := int(self.rfile.readline() or b"0", 16):
                body += self.rfile.read(length)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
        bodies.append(body)
        if len(bodies) == 1 and Store.breaks:
            self.close_connection = True
            return
        self.send_response(503 if len(bodies) == 1 else 200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Store)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/stock.csv"
retry = urllib3.Retry(3, status_forcelist=[503], backoff_factor=0.01)
pool = urllib3.PoolManager(retries=retry)
session = requests.Session()
session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
whole = b"MUG,3\nPEN,7\n"


def lines():
    yield b"MUG,3\n"
    yield b"PEN,7\n"


def put(name, send, breaks=False):
    bodies.clear()
    Store.breaks = breaks
    status = send()
    print(f"{name}: told {status}, the server was sent {bodies}")
    return status, list(bodies)


emptied = [
    put("urllib3, generator", lambda: pool.request("PUT", url, body=lines()).status),
    put("requests, generator", lambda: session.put(url, data=lines()).status_code),
    put("urllib3, generator, first attempt broken off", lambda: pool.request("PUT", url, body=lines()).status, True),
]
kept = [
    put("urllib3, list", lambda: pool.request("PUT", url, body=list(lines())).status),
    put("urllib3, file", lambda: pool.request("PUT", url, body=io.BytesIO(whole)).status),
    put("requests, file", lambda: session.put(url, data=io.BytesIO(whole)).status_code),
]
assert all(result == (200, [whole, whole]) for result in kept), kept
assert all(result == (200, [whole, b""]) for result in emptied), "a spent body is noticed now"
transport = httpx_retries.RetryTransport(retry=httpx_retries.Retry(total=3, backoff_factor=0.01))
bodies.clear()
Store.breaks = False
try:
    httpx.Client(transport=transport).put(url, content=lines())
except httpx.StreamConsumed as error:
    print(f"httpx: {type(error).__name__}, the server was sent {bodies}")
else:
    raise SystemExit("httpx sends the spent body")
PYTHON
