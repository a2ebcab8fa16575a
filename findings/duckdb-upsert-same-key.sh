#!/usr/bin/env bash
# DuckDB 2.0.1: an upsert takes the first of two rows with the same key, and drops the second without a word.
#
# Expected: DuckDB's documentation ("INSERT Statement", DO UPDATE clause) says that the clause turns the insert into an
# update of the row that conflicts, by the values of the row to be inserted. Its example gives one key twice in one
# statement, and a warning about repeated keys is on the page up to 1.3 only. So each row counts, as SQLite documents
# for the same clause (it decides row by row) and as duckdb 1.3.2 does; or the statement is refused, which PostgreSQL
# documents (a cardinality violation).
#
# What happens: the rows are first made distinct by the key, and the first of each key is the one that is written. A
# stock of 10 units with the movements +2 and +3 becomes 12, and a new product with +1 and +2 has 1. INSERT OR REPLACE
# keeps the earlier of two prices. Nothing is said. The same rows, one statement each, make 15.
#
# For a user: a batch of stock movements loses units, and a price list with a correction further down keeps the wrong
# price. An upgrade from 1.3 brings this, and tests against SQLite hide it. Bring the batch to one row per key:
# sum(units) with GROUP BY sku for what adds up, arg_max(cents, line) for what replaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/book.py" <<'PYTHON'
import sqlite3
import sys

import duckdb

add = "ON CONFLICT DO UPDATE SET units = stock.units + excluded.units"
summed = "SELECT sku, sum(units) FROM (VALUES ('MUG', 2), ('MUG', 3)) AS movements (sku, units) GROUP BY sku"


def units(shop, *statements):
    shop.execute("CREATE TABLE stock (sku TEXT PRIMARY KEY, units INTEGER)")
    shop.execute("INSERT INTO stock VALUES ('MUG', 10)")
    for statement in statements:
        shop.execute(statement)
    return dict(shop.execute("SELECT sku, units FROM stock").fetchall())


def price(shop):
    shop.execute("CREATE TABLE prices (sku TEXT PRIMARY KEY, cents INTEGER)")
    shop.execute("INSERT OR REPLACE INTO prices VALUES ('MUG', 1200), ('MUG', 990)")
    return shop.execute("SELECT cents FROM prices").fetchone()[0]


batch = f"INSERT INTO stock VALUES ('MUG', 2), ('MUG', 3), ('PEN', 1), ('PEN', 2) {add}"
singly = [f"INSERT INTO stock VALUES ('MUG', {count}) {add}" for count in (2, 3)]
in_duckdb = units(duckdb.connect(), batch), price(duckdb.connect())
in_sqlite = units(sqlite3.connect(":memory:"), batch), price(sqlite3.connect(":memory:"))
print("duckdb", duckdb.__version__, *in_duckdb, "SQLite", *in_sqlite)
every, first = ({"MUG": 15, "PEN": 3}, 990), ({"MUG": 12, "PEN": 1}, 1200)
assert in_sqlite == every
assert units(duckdb.connect(), *singly) == units(duckdb.connect(), f"INSERT INTO stock {summed} {add}") == {"MUG": 15}
assert in_duckdb == (every if sys.argv[1] == "every" else first), "other rows count now"
PYTHON
python3 -m venv "$folder/venv"
while read -r version rows; do
    "$folder/venv/bin/pip" install -q --disable-pip-version-check "duckdb==$version"
    "$folder/venv/bin/python" "$folder/book.py" "$rows"
done <<'VERSIONS'
1.3.2 every
2.0.1 first
VERSIONS
