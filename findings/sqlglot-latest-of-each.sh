#!/usr/bin/env bash
# sqlglot 30.30.0: "the latest order of each customer, the first two of them" becomes one order in another dialect.
#
# Expected: PostgreSQL's documentation (SELECT, DISTINCT clause) says that DISTINCT ON keeps the first row of each set,
# and that LIMIT is applied after that and after ORDER BY. sqlglot says that it translates a query into another dialect,
# and warns, or with unsupported_level=RAISE raises, where it cannot. DISTINCT ON it rewrites by ROW_NUMBER() for those
# that lack it, among them SQLite, MySQL, BigQuery and Snowflake. DuckDB 2.0.1 knows the clause itself.
#
# What happens: ORDER BY goes into the window, where it picks the right row of each customer, and is gone from the
# query; LIMIT and OFFSET stay in the subquery, where all rows still are. So the rows come in whatever order, and a
# limit of two counts orders, not customers: what is left is one customer or none, and not the one that was asked for.
# Nothing is raised. Without a limit the rows are the right ones, and with DISTINCT ON in a subquery whose outside has
# ORDER BY and LIMIT, as below, all is right.
#
# For a user: a page of customers with their latest orders, or of articles with their newest prices, is short, and the
# next page is empty while there are more. Who tests on SQLite what runs on PostgreSQL, or moves to BigQuery, sees no
# error. Put DISTINCT ON into a subquery, and sort and limit outside.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check sqlglot==30.30.0 duckdb==2.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import sqlite3

import duckdb
import sqlglot

orders = [(1, "Ada", 10), (2, "Ada", 20), (3, "Bob", 5), (4, "Cy", 9), (5, "Cy", 1)]
databases = {"duckdb": duckdb.connect(), "sqlite": sqlite3.connect(":memory:")}
for database in databases.values():
    database.execute("CREATE TABLE orders (id INTEGER, customer TEXT, placed INTEGER)")
    database.executemany("INSERT INTO orders VALUES (?, ?, ?)", orders)


def translated(query, dialect):
    (result,) = sqlglot.transpile(query, read="postgres", write=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE)
    return result


def answers(query):
    return [database.execute(translated(query, dialect)).fetchall() for dialect, database in databases.items()]


latest = "SELECT DISTINCT ON (customer) customer, id FROM orders ORDER BY customer DESC, placed DESC"
outside = f"SELECT * FROM ({latest}) AS latest ORDER BY customer DESC"
right = [("Cy", 4), ("Bob", 3), ("Ada", 2)]
cases = {
    latest: (right, right),
    f"{latest} LIMIT 2": (right[:2], [("Ada", 2)]),
    f"{latest} LIMIT 1 OFFSET 1": (right[1:2], []),
}
for query, (expected, found) in cases.items():
    by_duckdb, by_sqlite = answers(query)
    print(f"{query}\n    DuckDB {by_duckdb}, SQLite {by_sqlite}")
    assert by_duckdb == expected
    assert sorted(by_sqlite) == sorted(found), "the limit counts customers now"
for dialect in ("sqlite", "mysql", "bigquery", "snowflake"):
    tree = sqlglot.parse_one(translated(f"{latest} LIMIT 2", dialect), read=dialect)
    inner = tree.find(sqlglot.exp.Subquery).this
    assert not tree.args.get("order") and not tree.args.get("limit") and inner.args.get("limit"), dialect
print(translated(f"{latest} LIMIT 2", "snowflake"))
assert answers(outside) == [right] * 2 and answers(f"{outside} LIMIT 2") == [right[:2]] * 2
PYTHON
