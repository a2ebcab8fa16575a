#!/usr/bin/env bash
# falcon 4.4.0: a download that is resumed after the file has changed is put together from both versions.
#
# Expected: RFC 9110, section 13.1.5, has If-Range for this: the client names the ETag of the part that it has, and the
# server must ignore Range when that is no longer the file's, and answer 200 with all of it. Falcon's static routes say
# Accept-Ranges, give each file a strong ETag and answer If-None-Match, so that a client resumes without a doubt.
# starlette 1.10.0 does as the RFC says.
#
# What happens: If-Range is not looked at. With the ETag of the older version, or with its date, Falcon answers 206 and
# the rest of the new file, under WSGI and ASGI alike. The client asked for it only if the file was still the same, is
# told that it is, and joins the two. Neither the length nor the status shows it.
#
# For a user: a price list, a stock export or a backup behind add_static_route() that is replaced while partners load
# it arrives as half of yesterday and half of today. Give each version a name of its own, or drop Range in a middleware
# when If-Range is there, as below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check falcon==4.4.0 starlette==1.10.0 httpx2==2.16.2
mkdir "$folder/files"
"$folder/venv/bin/python" - "$folder/files" <<'PYTHON'
import os
import sys

import falcon
import falcon.asgi
import falcon.testing
import starlette.applications
import starlette.routing
import starlette.staticfiles
import starlette.testclient

directory = sys.argv[1]
path = os.path.join(directory, "prices.csv")
yesterday = b"MUG,1000\nPEN,0200\nCUP,0500\n"
today = b"MUG,1200\nPEN,0250\nCUP,0550\n"


def publish(prices, time):
    with open(path, "wb") as file:
        file.write(prices)
    os.utime(path, (time, time))


class WholeFiles:
    def process_request(self, request, response):
        if "HTTP_IF_RANGE" in request.env:
            request.env.pop("HTTP_RANGE", None)


def by(kind, **options):
    app = kind(**options)
    app.add_static_route("/", directory)
    return app


def resumed(client):
    # The first line of yesterday's file, then the rest, if it is still the same file.
    results = []
    for by_date in (False, True):
        publish(yesterday, 1800000000)
        first = client.get("/prices.csv", headers={"range": "bytes=0-8"})
        assert first.status_code == 206 and first.headers["etag"].startswith('"')
        publish(today, 1800086400)
        version = first.headers["last-modified" if by_date else "etag"]
        rest = client.get("/prices.csv", headers={"range": "bytes=9-", "if-range": version})
        assert client.get("/prices.csv").headers["etag"] != first.headers["etag"]
        results.append((rest.status_code, (first.content if rest.status_code == 206 else b"") + rest.content))
    return results


mount = starlette.routing.Mount("/", starlette.staticfiles.StaticFiles(directory=directory))
clients = {
    "falcon, WSGI": falcon.testing.TestClient(by(falcon.App)),
    "falcon, ASGI": falcon.testing.TestClient(by(falcon.asgi.App)),
    "falcon with the middleware": falcon.testing.TestClient(by(falcon.App, middleware=[WholeFiles()])),
    "starlette": starlette.testclient.TestClient(starlette.applications.Starlette(routes=[mount])),
}
mixed = yesterday[:9] + today[9:]
for name, client in clients.items():
    results = resumed(client)
    print(f"{name}:", *(f"{status} {content}" for status, content in results))
    joined = name in ("falcon, WSGI", "falcon, ASGI")
    assert results == [(206, mixed) if joined else (200, today)] * 2, "If-Range is looked at now"
PYTHON
