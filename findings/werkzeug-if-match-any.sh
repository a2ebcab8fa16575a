#!/usr/bin/env bash
# Werkzeug 3.1.9: `If-Match: *` is answered 412 (Precondition Failed) for a thing that exists.
#
# Expected: RFC 9110, section 13.1.1: with the value "*" the condition is false if there is no current representation,
# and true otherwise. A client sends it to say "only if it is there at all". Response.make_conditional is documented to
# make a response conditional to the request, and Werkzeug reads the header: ETags has a star_tag, its contains() is
# true for any tag, and `If-None-Match: *` is answered 304 as it should be.
#
# What happens: 200 for the right tag in quotes, 412 for the star, though both conditions are true. The star is judged
# by comparing the tag with the tags that the header lists, and it lists none.
#
# For a user: a client that reads or downloads with `If-Match: *` is refused by every route that makes its response
# conditional, which Flask's send_file and static files do. Let such clients leave the header out: without it the same
# route answers 404 for what is gone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check Werkzeug==3.1.9
"$folder/venv/bin/python" - <<'PYTHON'
from werkzeug.http import parse_etags
from werkzeug.test import create_environ
from werkzeug.wrappers import Response


def status(**headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    response = Response(b"a product")
    response.set_etag("7")
    response.make_conditional(create_environ(headers=headers))
    print(headers, "->", response.status)
    return response.status_code


print("the parsed star contains the tag 7:", parse_etags("*").contains("7"))
assert parse_etags("*").contains("7")
assert status(If_Match='"7"') == 200
assert status(If_Match='"6"') == 412
assert status(If_None_Match="*") == 304
assert status(If_Match="*") == 412, "the star is a true condition now"
PYTHON
