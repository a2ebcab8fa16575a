#!/usr/bin/env bash
# sseclient-py 1.9.0: when a connection ends in the middle of an event, the half that had come is handed on as an event.
#
# Expected: the standard (WHATWG HTML, "Server-sent events", interpreting an event stream) says that at the end of the
# stream pending data is discarded: an event that no blank line closed is not dispatched. The client comes back with
# the id of the last whole event, and gets the broken one again, whole. Libraries beside it (httpx-sse 0.4.3) do so.
#
# What happens: events() hands on what had come, cut anywhere, under the new event's id. When the cut falls between
# two data lines, or inside a number, the half is even valid: here an amount of 1200 is read as 12.
#
# For a user: a consumer that acts on each event acts on a wrong one whenever a server is stopped or a proxy cuts in,
# and one that stores the id as its place in the stream never sees the whole event. Have the data say its own length
# or end (a JSON object does, a bare number does not), and keep an id only once its data has been read as whole.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check sseclient-py==1.9.0 httpx==0.28.1 httpx-sse==0.4.3
"$folder/venv/bin/python" - <<'PYTHON'
import httpx
import httpx_sse
import sseclient

whole = b"id: 1\nevent: paid\ndata: 500\n\n" + b"id: 2\nevent: paid\ndata: 1200\n\n"
cut = whole[: whole.index(b"1200") + 2]


def with_sseclient(stream):
    return [(event.id, event.event, event.data) for event in sseclient.SSEClient(iter([stream])).events()]


def with_httpx_sse(stream):
    answer = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=stream)
    with httpx.Client(transport=httpx.MockTransport(lambda request: answer)) as client:
        with httpx_sse.connect_sse(client, "GET", "http://shop.example/events") as source:
            return [(event.id, event.event, event.data) for event in source.iter_sse()]


first, second = ("1", "paid", "500"), ("2", "paid", "1200")
for name, read in (("sseclient-py", with_sseclient), ("httpx-sse", with_httpx_sse)):
    print(f"{name:12} whole {read(whole)}\n{'':12} cut   {read(cut)}")

assert with_sseclient(whole) == with_httpx_sse(whole) == [first, second]
assert with_httpx_sse(cut) == [first]
assert with_sseclient(cut) == [first, ("2", "paid", "12")], "the half is discarded now"
PYTHON
