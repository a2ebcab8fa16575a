#!/usr/bin/env bash
# requests 2.34.2: a PUT that is redirected by 301 is sent again as a PUT, with an empty body.
#
# Expected: RFC 9110, section 15.4.2, lets a client turn a POST into a GET after a 301, for history's sake, and no
# other method. A redirected PUT is therefore the same PUT (httpx 0.28.1 and urllib3 2.8.0 send it so, body included),
# or no request at all. What requests' documentation tells of redirects ("Redirection and History") is that they are
# followed for every verb but HEAD.
#
# What happens: method, If-Match and every header but those of the body are kept, and the body is gone:
# Content-Length: 0. Only 307 and 308 keep it. The caller sees the answer to the second request, a success.
#
# For a user: a shop's address moves, or a proxy sends http to https, by 301, and every client that PUTs a product or
# a stock level overwrites it with nothing, or is told that its body is malformed when it is not. Have such redirects
# answered by 307 or 308, and give allow_redirects=False for what writes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check requests==2.34.2 httpx==0.28.1 urllib3==2.8.0
"$folder/venv/bin/python" - <<'PYTHON'
import http.server
import threading

import httpx
import requests
import urllib3

came = []


class Shop(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        came.append((self.command, self.headers.get("If-Match"), body.decode()))
        moved = self.path.startswith("/old/")
        self.send_response(int(self.path.removeprefix("/old/")) if moved else 204)
        if moved:
            self.send_header("Location", "/new")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass


shop = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
threading.Thread(target=shop.serve_forever, daemon=True).start()
body, headers = '{"quantity":5}', {"If-Match": '"7"', "Content-Type": "application/json"}
clients = {
    "requests": lambda url: requests.put(url, data=body, headers=headers).status_code,
    "httpx": lambda url: httpx.put(url, content=body, headers=headers, follow_redirects=True).status_code,
    "urllib3": lambda url: urllib3.request("PUT", url, body=body, headers=headers).status,
}
for status in (301, 307, 308):
    for name, put in clients.items():
        came.clear()
        answer = put(f"http://127.0.0.1:{shop.server_port}/old/{status}")
        print(status, f"{name:8}", "first", came[0], "then", came[1], "answer", answer)
        assert answer == 204 and came[0] == ("PUT", '"7"', body)
        lost = name == "requests" and status == 301
        assert came[1] == ("PUT", '"7"', "" if lost else body), "the second request is another one now"
shop.shutdown()
PYTHON
