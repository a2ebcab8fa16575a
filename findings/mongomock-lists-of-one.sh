#!/usr/bin/env bash
# mongomock 4.3.0: an order whose lines are no list counts as one with one line.
#
# Expected: MongoDB's manual says that $size matches any array with the number of elements given, and in its example
# that a field which holds a text, not an array, is not matched. mongomock says that it is unacceptable to behave
# otherwise than the real database, and better to raise NotImplementedError. Its own $size of an aggregation refuses a
# text with the message of MongoDB, and montydb 2.5.6, made after MongoDB as well, does not match. That a field which is
# missing matched was taken as a bug (issue 710).
#
# What happens: {"lines": {"$size": 1}} matches a text of any length and a number other than 0, and a document by the
# number of its fields: {"sku": "MUG", "count": 2} has the size 2. find, count_documents, update_many and $match do so;
# {"$not": {"$size": 1}} lacks them. Nothing is raised.
#
# For a user: a test passes in which the orders with one line, or the ones not yet turned into lists, are found or
# changed by $size; the real database finds others. {"lines.0": {"$exists": True}, "lines.1": {"$exists": False}} has
# the same answer on both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check mongomock==4.3.0 montydb==2.5.6
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import mongomock
import montydb

orders = [
    {"_id": 1, "lines": ["MUG"]},
    {"_id": 2, "lines": ["MUG", "PEN"]},
    {"_id": 3, "lines": "MUG"},
    {"_id": 4, "lines": 7},
    {"_id": 5, "lines": {"sku": "MUG", "count": 2}},
    {"_id": 6, "lines": []},
    {"_id": 7},
]
mock, monty = mongomock.MongoClient().shop.orders, montydb.MontyClient(":memory:").shop.orders
for collection in (mock, monty):
    collection.insert_many([dict(order) for order in orders])


def answers(condition):
    return [sorted(order["_id"] for order in collection.find(condition)) for collection in (mock, monty)]


def of_size(number):
    return [o["_id"] for o in orders if isinstance(o.get("lines"), list) and len(o["lines"]) == number]


for number, seen in {1: [1, 3, 4], 2: [2, 5]}.items():
    given, others = answers({"lines": {"$size": number}})
    print(f"mongomock {version('mongomock')}, $size {number}: {given} montydb {version('montydb')}: {others}")
    assert others == of_size(number)
    assert given == seen, "$size is for lists alone now"
assert answers({"lines": {"$not": {"$size": 1}}}) == [[2, 5, 6, 7], [2, 3, 4, 5, 6, 7]]
assert [order["_id"] for order in mock.aggregate([{"$match": {"lines": {"$size": 1}}}])] == [1, 3, 4]
try:
    list(mock.aggregate([{"$match": {"_id": 3}}, {"$project": {"number": {"$size": "$lines"}}}]))
except mongomock.OperationFailure as error:
    print("aggregation:", error)
else:
    raise SystemExit("a text has a size in an aggregation, too, now")

assert answers({"lines": {"$size": 0}}) == [[6], [6]] and answers({"lines": {"$size": 3}}) == [[], []]
one = {"lines.0": {"$exists": True}, "lines.1": {"$exists": False}}
assert answers(one) == [[1], [1]]
assert mock.update_many({"lines": {"$size": 1}}, {"$set": {"single": True}}).modified_count == 3
PYTHON
