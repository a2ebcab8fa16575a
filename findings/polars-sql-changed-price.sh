#!/usr/bin/env bash
# polars 2.1.0: in SQL, `old IS DISTINCT FROM new AND stock > 0` compares the old price with `new AND stock > 0`.
#
# Expected: AND and OR bind weaker than every comparison. PostgreSQL's table of precedence has IS above NOT, AND and OR,
# and SQLite's has IS DISTINCT FROM on the level of `=`. DuckDB 2.0.1 answers the same text so. The maintainers of the
# parser that Polars takes (sqlparser, pull request 2436) count the other reading as a mistake. Polars itself agrees
# once there are parentheses, or where the comparison comes last.
#
# What happens: all that follows IS [NOT] DISTINCT FROM, up to the end of the condition, becomes its right-hand side:
# old IS DISTINCT FROM (new AND stock > 0). There the truth becomes 1 or 0 and AND takes the bits: 500 AND 1 is 0, so an
# old price of 500 differs from it. Nothing is said, though `new AND stock > 0` by itself is refused by Polars, and by
# DataFusion, on the same parser, within the comparison as well. <=> and = are read rightly.
#
# For a user: "prices that changed, of things in stock" has those that did not change and those that are sold out; with
# OR it loses rows. The two conditions in the other order give another answer. Put every IS [NOT] DISTINCT FROM into
# parentheses, or write NOT (old <=> new).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check polars==2.1.0 duckdb==2.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import duckdb
import polars

prices = [("CUP", None, None, 1), ("HAT", 300, None, 1), ("MUG", 500, 500, 1), ("PEN", 700, 800, 0)]
names = ["item", "old", "new", "stock"]
frame = polars.DataFrame(prices, schema=names, orient="row")
other = duckdb.connect()
other.execute("CREATE TABLE self (item TEXT, old BIGINT, new BIGINT, stock BIGINT)")
other.executemany("INSERT INTO self VALUES (?, ?, ?, ?)", prices)


def items(ask, condition):
    return [row[0] for row in ask(f"SELECT item FROM self WHERE {condition} ORDER BY item")]


def in_polars(condition):
    return items(lambda query: frame.sql(query).rows(), condition)


def in_duckdb(condition):
    return items(lambda query: other.execute(query).fetchall(), condition)


wrong = {
    "old IS DISTINCT FROM new AND stock > 0": ["HAT", "MUG", "PEN"],
    "old IS DISTINCT FROM new OR stock > 0": ["HAT", "MUG", "PEN"],
    "old IS NOT DISTINCT FROM new AND stock > 0": ["CUP"],
}
right = {
    "old IS DISTINCT FROM new AND stock > 0": [item for item, old, new, left in prices if old != new and left > 0],
    "old IS DISTINCT FROM new OR stock > 0": [item for item, old, new, left in prices if old != new or left > 0],
    "old IS NOT DISTINCT FROM new AND stock > 0": [item for item, old, new, left in prices if old == new and left > 0],
}
for condition, seen in wrong.items():
    print(f"polars {polars.__version__}, {condition}: {in_polars(condition)} DuckDB: {in_duckdb(condition)}")
    assert in_duckdb(condition) == right[condition]
    assert in_polars(condition) == seen, "IS DISTINCT FROM ends before AND and OR now"
    comparison, word, rest = condition.partition(" AND ") if " AND " in condition else condition.partition(" OR ")
    for clear in (f"({comparison}){word}{rest}", f"{rest}{word}{comparison}"):
        assert in_polars(clear) == in_duckdb(clear) == right[condition]
assert in_polars("NOT (old <=> new) AND stock > 0") == in_polars("NOT old <=> new AND stock > 0") == ["HAT"]
try:
    frame.sql("SELECT new AND stock > 0 AS mixed FROM self")
except polars.exceptions.ComputeError as error:
    print("new AND stock > 0:", str(error).splitlines()[0])
else:
    raise SystemExit("a number and a truth go together now")
PYTHON
