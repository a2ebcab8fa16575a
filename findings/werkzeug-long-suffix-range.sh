#!/usr/bin/env bash
# Werkzeug 3.1.9: "the last 500 bytes" of a shorter file is answered 416 (Range Not Satisfiable).
#
# Expected: RFC 9110, section 14.1.2: if the representation is shorter than the suffix asked for, all of it is used.
# Werkzeug does so at the other end: bytes=0-499 of a short file is answered 206 with what there is.
#
# What happens: bytes=-N is answered 206 while N is at most the length, and 416 from one byte more on. The same in
# Flask's send_file, which hands the range on.
#
# For a user: a client that reads the tail of an export, a log or the directory at the end of a ZIP file asks for a
# fixed number of bytes, and fails for the small files alone, first of all those of the tests or of a new shop. Let
# such a client take a 416 for a suffix as "ask for all of it"; the answer's Content-Range tells the length.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check Werkzeug==3.1.9 Flask==3.1.3
"$folder/venv/bin/python" - <<'PYTHON'
import io

import flask

shop = flask.Flask("shop")
export = b"sku,units\n"


@shop.route("/export")
def download():
    return flask.send_file(io.BytesIO(export), mimetype="text/csv", etag="1", conditional=True)


def ask(ranges):
    answer = shop.test_client().get("/export", headers={"Range": ranges})
    print(f"{ranges:12} of {len(export)} bytes -> {answer.status}, {answer.headers.get('Content-Range')}")
    return answer.status_code, answer.headers.get("Content-Range")


assert ask("bytes=-4") == (206, "bytes 6-9/10")
assert ask("bytes=-10") == (206, "bytes 0-9/10")
assert ask("bytes=0-499") == (206, "bytes 0-9/10")
assert ask("bytes=-11") == (416, "bytes */10"), "a long suffix is answered now"
assert ask("bytes=-500") == (416, "bytes */10"), "a long suffix is answered now"
PYTHON
