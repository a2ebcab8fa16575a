#!/usr/bin/env bash
# polars 2.1.0: in SQL, an order of which it is unknown whether it was sent is not among those that are NOT TRUE.
#
# Expected: PostgreSQL's documentation (9.2, comparison predicates) says that IS [NOT] TRUE and IS [NOT] FALSE are
# always true or false, never null, even when the operand is null: an unknown value is neither TRUE nor FALSE, so it is
# both NOT TRUE and NOT FALSE. Polars's user guide says of its SQL that it aims to follow the syntax and the behaviour
# of PostgreSQL. DuckDB 2.0.1 and SQLite answer so. Polars itself has IS DISTINCT FROM TRUE, which is the same, right.
#
# What happens: the four of them are read as a comparison with = or its negation, and are unknown where the operand
# is. So `sent IS NOT TRUE` is what `NOT sent` is, and WHERE drops the row; NOT (sent IS TRUE) drops it as well, and
# (paid = total) IS NOT TRUE loses each row that has no amount. Nothing is said. IS NULL is right.
#
# For a user: IS NOT TRUE is written just for the sake of the unknown ones. The list of what is to be sent lacks the
# orders with nothing entered, and sent and not sent do not make up all. Write IS DISTINCT FROM TRUE in parentheses, or
# COALESCE(sent, FALSE) = FALSE.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check polars==2.1.0 duckdb==2.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import sqlite3

import duckdb
import polars

orders = [(1, 500, 500, True), (2, 700, 300, False), (3, 900, None, None)]
names = ["id", "total", "paid", "sent"]
frame = polars.DataFrame(orders, schema=names, orient="row")
duck, lite = duckdb.connect(), sqlite3.connect(":memory:")
for other in (duck, lite):
    other.execute("CREATE TABLE self (id INTEGER, total INTEGER, paid INTEGER, sent BOOLEAN)")
    other.executemany("INSERT INTO self VALUES (?, ?, ?, ?)", orders)


def answers(condition):
    query = f"SELECT id FROM self WHERE {condition} ORDER BY id"
    theirs = [[row[0] for row in other.execute(query).fetchall()] for other in (duck, lite)]
    assert theirs[0] == theirs[1]
    return [row[0] for row in frame.sql(query).rows()], theirs[0]


sent = {order[0]: order[3] for order in orders}
wrong = {
    "sent IS NOT TRUE": ([2], [key for key, value in sent.items() if value is not True]),
    "sent IS NOT FALSE": ([1], [key for key, value in sent.items() if value is not False]),
    "NOT (sent IS TRUE)": ([2], [2, 3]),
    "(paid = total) IS NOT TRUE": ([2], [2, 3]),
    "(paid >= total) IS NOT TRUE AND total > 800": ([], [3]),
}
for condition, (seen, right) in wrong.items():
    given, others = answers(condition)
    print(f"polars {polars.__version__}, {condition}: {given} DuckDB and SQLite: {others}")
    assert others == right
    assert given == seen, "what is unknown is NOT TRUE now"
values = frame.sql("SELECT sent IS TRUE AS yes, sent IS NOT TRUE AS no FROM self WHERE id = 3").rows()
assert values == [(None, None)]
assert duck.execute("SELECT sent IS TRUE, sent IS NOT TRUE FROM self WHERE id = 3").fetchall() == [(False, True)]

for condition in ("(sent IS DISTINCT FROM TRUE)", "COALESCE(sent, FALSE) = FALSE", "sent IS NULL OR NOT sent"):
    assert answers(condition) == ([2, 3], [2, 3])
assert answers("sent IS TRUE") == ([1], [1]) and answers("sent IS FALSE") == ([2], [2])
PYTHON
