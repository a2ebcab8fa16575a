#!/usr/bin/env bash
# httpx-sse 0.4.3 (httpx 0.28.1): once an event has had an id, every blank line of the stream is taken for an event.
#
# Expected: the standard that httpx-sse names (WHATWG HTML, "Server-sent events", dispatching the event) says that a
# block without data is no event: the id is remembered and nothing is handed on. So a server keeps a quiet connection
# open with a comment, and moves a client's id on with a block that has an id alone. A browser's EventSource shows
# neither to the page.
#
# What happens: the comment, the block with an id alone and the one with a retry alone each come out of iter_sse() as
# an event named "message" with empty data; the comment does so only after some event had an id, for the id is kept.
# Calling json() on what comes out raises. (A stream whose events have no ids is read as the standard says.)
#
# For a user: a consumer that decodes each event falls over at the first heartbeat, minutes after a test with a busy
# stream passed. Skip what has empty data: `if event.data:`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check httpx==0.28.1 httpx-sse==0.4.3
"$folder/venv/bin/python" - <<'PYTHON'
import json

import httpx
import httpx_sse


def read(*blocks):
    text = "".join(block + "\n\n" for block in blocks)
    answer = httpx.Response(200, headers={"content-type": "text/event-stream"}, text=text)
    with httpx.Client(transport=httpx.MockTransport(lambda request: answer)) as client:
        with httpx_sse.connect_sse(client, "GET", "http://shop.example/events") as source:
            events = list(source.iter_sse())
    print(f"{blocks}\n    -> {[(event.event, event.id, event.data) for event in events]}")
    return events


order = 'data: {"order":"1"}'
plain = read(order, ": heartbeat")
comment = read("id: 7\n" + order, ": heartbeat")
moved = read("id: 7\n" + order, "id: 8")
opening = read("retry: 1000", order)

assert [event.data for event in plain] == ['{"order":"1"}'], "a comment is an event even without ids"
for events in (comment, moved):
    assert [(event.event, event.data) for event in events[1:]] == [("message", "")], "no empty event any more"
    try:
        events[1].json()
    except json.JSONDecodeError as error:
        print("json() of it:", error)
    else:
        raise SystemExit("empty data is decoded")
assert [event.data for event in opening] == ["", '{"order":"1"}'], "the block with retry alone is no event any more"
PYTHON
