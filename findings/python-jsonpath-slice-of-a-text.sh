#!/usr/bin/env bash
# python-jsonpath 2.2.2: the last note of each order is the last letter of the note, where an order has just one.
#
# Expected: RFC 9535 (2.3.4) says that an array slice selects elements of an array, and nothing from a value that is not
# an array. The library's page says that it follows RFC 9535, and its page on syntax, which has what it adds as well,
# says of the slice that it selects from an array. Its own index [0] gives nothing for a text, as does its wildcard,
# and jsonpath-rfc9535 1.0.1, by the same author, gives nothing for the slice as well.
#
# What happens: a slice of a text has its letters, each as a match with a path of its own: $.notes[-1:] of "ring twice"
# is "e", and $..[0:1] has the first letter of every text in the document. The same with strict=True, which leaves out
# the library's additions. Nothing is raised.
#
# For a user: a field that is a list, or a text where there is just one, which many shops' feeds have, gives letters
# among the notes, codes or tags. In a filter [?@.tags[0:1]] holds for an order whose tags are a text. Use an index,
# [0] or [-1], where one element is wanted, or ask for jsonpath-rfc9535.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check python-jsonpath==2.2.2 jsonpath-rfc9535==1.0.1
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import jsonpath
import jsonpath_rfc9535

shop = {
    "orders": [
        {"id": 1, "notes": ["gift", "by noon"]},
        {"id": 2, "notes": "ring twice"},
        {"id": 3, "notes": []},
    ]
}


def answers(query):
    theirs = [node.value for node in jsonpath_rfc9535.find(query, shop)]
    assert jsonpath.findall(query, shop) == jsonpath.findall(query, shop, strict=True)
    return jsonpath.findall(query, shop), theirs


def elements(value, part):
    return value[part] if isinstance(value, list) else []


last = [note for order in shop["orders"] for note in elements(order["notes"], slice(-1, None))]
query = "$.orders[*].notes[-1:]"
print("python-jsonpath", version("python-jsonpath"), answers(query)[0], "jsonpath-rfc9535:", answers(query)[1])
assert answers(query)[1] == last == ["by noon"]
assert answers(query)[0] == ["by noon", "e"], "a slice of a text is empty now"
assert answers("$.orders[1].notes[0:4]") == (["r", "i", "n", "g"], [])
assert [match.path for match in jsonpath.finditer("$.orders[1].notes[:1]", shop)] == ["$['orders'][1]['notes'][0]"]
filtered = answers("$.orders[?@.notes[0:1]].id")
print("orders with a first note:", filtered[0], "jsonpath-rfc9535:", filtered[1])
assert filtered == ([1, 2], [1])
assert sorted(answers("$..notes..[0:1]")[0]) == ["b", "g", "gift", "r"] and answers("$..notes..[0:1]")[1] == ["gift"]

assert answers("$.orders[*].notes[-1]") == (["by noon"], ["by noon"])
assert answers("$.orders[1].notes[0]") == answers("$.orders[1].notes[*]") == ([], [])
assert answers("$.orders[?@.notes[0]].id") == ([1], [1])
assert answers("$.orders[1:].id") == ([2, 3], [2, 3])
PYTHON
