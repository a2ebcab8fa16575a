#!/usr/bin/env bash
# Debian's curl 7.88.1-10+deb12u15: with -o /dev/null, --retry does not try again.
#
# Expected: curl's manual says of --retry that a transient error (a 503 among others) is followed by another attempt,
# and of -o that what is not wanted can be sent to /dev/null, which is how scripts ask for the status alone.
#
# What happens: before the second attempt curl cuts off what the first one has written. /dev/null cannot be cut off, so
# curl ends with 23 ("Failed to truncate file") after one request, and -w, which was to print the status, prints
# nothing. With a file, or without -o, the second request is made and 200 is told. It takes a body with the 503:
# behind an empty one the second attempt is made.
#
# For a user: a loop that waits for a shop to be ready, or sends an order again under its key, gives up at the first
# refusal, and only in the moment that --retry is there for. Send the body to standard output and drop it there, or to
# a file.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=7.88.1-10+deb12u15
apt-get download -q "curl=$version" "libcurl4=$version" >/dev/null 2>&1 ||
    { echo "curl $version cannot be had"; exit 1; }
for package in ./*.deb; do dpkg -x "$package" .; done
library=$(dirname "$(find "$PWD" -name 'libcurl.so.4')")
LD_LIBRARY_PATH=$library python3 - "$PWD/usr/bin/curl" <<'PYTHON'
import http.server
import subprocess
import sys
import threading

came = []


class Shop(http.server.BaseHTTPRequestHandler):
    body = b"busy"

    def do_GET(self):
        came.append(self.path)
        is_first = len(came) == 1
        body = self.body if is_first else b"ok"
        self.send_response(503 if is_first else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Shop)
threading.Thread(target=server.serve_forever, daemon=True).start()


def ask(output, body):
    came.clear()
    Shop.body = body
    options = ["-s", "-S", "--retry", "3", "--retry-delay", "1", "-w", "%{http_code}", "-o", output]
    done = subprocess.run(
        [sys.argv[1], *options, f"http://127.0.0.1:{server.server_port}/"], capture_output=True, text=True)
    print(f"-o {output}, a 503 of {len(body)} bytes: ends with {done.returncode}, requests {len(came)},",
          f"status {done.stdout or None} {done.stderr.strip()}")
    return done.returncode, len(came), done.stdout


assert ask("answer", b"busy") == (0, 2, "200")
assert ask("/dev/null", b"") == (0, 2, "200")
assert ask("/dev/null", b"busy") == (23, 1, ""), "it tries again now"
PYTHON
