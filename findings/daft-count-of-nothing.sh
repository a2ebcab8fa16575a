#!/usr/bin/env bash
# daft 0.7.26: asked in SQL for the orders that have no lines, daft finds none.
#
# Expected: a count of no rows is 0, in a subquery too that looks at the row outside: (SELECT count(*) FROM lines WHERE
# lines.order_id = orders.id) is 0 for an order without lines. DuckDB 2.0.1, polars 2.1.0 and SQLite have it so. The
# reference of daft.sql says that it is early and that its API may change, and of this nothing.
#
# What happens: the subquery becomes a join on the counts of those orders that have any, and the others get NULL. So
# "= 0" and "< 2" leave them out, differences with the count are NULL, and COALESCE within the subquery does not help.
# COALESCE around it does, and NOT EXISTS and a LEFT JOIN with GROUP BY are answered as the others answer them. chdb
# 4.4.0 (ClickHouse 26.9) leaves the same orders out; it is not installed here, for its size.
#
# For a user: the list of products that were never sold, of customers without an order, or of payments that match no
# invoice is empty, which reads as good news, and stock less reservations is unknown for what nobody has reserved. Put
# COALESCE(..., 0) around the subquery, or write NOT EXISTS.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check daft==0.7.26 duckdb==2.0.1 polars==2.1.0
export DO_NOT_TRACK=true DAFT_ANALYTICS_ENABLED=0 DAFT_PROGRESS_BAR=0
"$folder/venv/bin/python" - <<'PYTHON'
import sqlite3

import daft
import duckdb
import polars

tables = {
    "orders": {"id": [1, 2, 3, 4]},
    "lines": {"order_id": [1, 1, 2], "units": [2, 3, 1]},
}


def by_daft(query):
    frames = {name: daft.from_pydict(rows) for name, rows in tables.items()}
    return list(zip(*daft.sql(query, **frames).to_pydict().values()))


def by_polars(query):
    frames = {name: polars.DataFrame(rows) for name, rows in tables.items()}
    return polars.SQLContext(**frames).execute(query).collect().rows()


def by_database(module):
    database = module.connect(":memory:")
    for name, rows in tables.items():
        database.execute(f"CREATE TABLE {name} ({', '.join(column + ' INTEGER' for column in rows)})")
        database.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows))})", list(zip(*rows.values())))
    return lambda query: database.execute(query).fetchall()


count = "(SELECT count(*) FROM lines WHERE lines.order_id = orders.id)"
total = "(SELECT coalesce(sum(units), 0) FROM lines WHERE lines.order_id = orders.id)"
joined = "FROM orders LEFT JOIN lines ON lines.order_id = orders.id GROUP BY orders.id HAVING count(lines.units) = 0"
queries = {
    f"SELECT id FROM orders WHERE {count} = 0 ORDER BY id": ([], [(3,), (4,)]),
    f"SELECT id FROM orders WHERE {count} < 2 ORDER BY id": ([(2,)], [(2,), (3,), (4,)]),
    f"SELECT id, {count} AS n FROM orders ORDER BY id": (
        [(1, 2), (2, 1), (3, None), (4, None)], [(1, 2), (2, 1), (3, 0), (4, 0)]),
    f"SELECT id FROM orders WHERE {total} = 0 ORDER BY id": ([], [(3,), (4,)]),
}
sound = [
    f"SELECT id FROM orders WHERE coalesce({count}, 0) = 0 ORDER BY id",
    "SELECT id FROM orders WHERE NOT EXISTS (SELECT 1 FROM lines WHERE lines.order_id = orders.id) ORDER BY id",
    f"SELECT orders.id {joined} ORDER BY orders.id",
]
others = {"DuckDB": by_database(duckdb), "polars": by_polars, "SQLite": by_database(sqlite3)}
for query, (found, right) in queries.items():
    answer = by_daft(query)
    print(f"{query}\n    daft {answer}, others {right}")
    assert answer == found, "a count of nothing is 0 now"
    for name, ask in others.items():
        assert ask(query) == right, name
for query in sound:
    assert by_daft(query) == [(3,), (4,)], query
PYTHON
