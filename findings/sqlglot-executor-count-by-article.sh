#!/usr/bin/env bash
# sqlglot 30.31.0: its executor counts by the id of another table than the one that GROUP BY names.
#
# Expected: sqlglot says that it interprets SQL over tables of Python's dictionaries, slowly, but of use for unit tests,
# and its example has joins and an aggregation. In GROUP BY and in SELECT, item.id is the column of the table item,
# whatever columns other tables have; SQLite answers so. So a LEFT JOIN counts a line for each item by its own id.
#
# What happens: as soon as one argument of an aggregate is more than a column, such as that of COUNT(*), COUNT(1) or
# SUM(sale.cents * 2), the columns are taken out of the joined rows by their bare names, and where two tables have one
# of the same name, the last one counts. The article without a sale has the id of the sale that is not there, None,
# and all such articles are one line. Of three tables, shop.id is the id of the sale, beside the right name of the
# shop. Nothing is raised. With nothing but SUM(sale.cents) or COUNT(sale.id), and without GROUP BY, the same joins
# are right.
#
# For a user: a test of a report, run by the executor on small tables, passes or fails by what is not in the query: the
# count of orders by id is right as long as each article is sold. Where keys have the same name in all tables, it is
# the usual query. Count columns, or give the other key another name in a subquery.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check sqlglot==30.31.0
"$folder/venv/bin/python" - <<'PYTHON'
import sqlite3
from importlib.metadata import version

from sqlglot.executor import execute

tables = {
    "shop": [{"id": 1, "name": "North"}, {"id": 2, "name": "South"}],
    "item": [{"id": 11, "shop": 1}, {"id": 12, "shop": 1}, {"id": 13, "shop": 2}],
    "sale": [{"id": 11, "cents": 500}, {"id": 11, "cents": 500}],
}
lite = sqlite3.connect(":memory:")
for table, rows in tables.items():
    lite.execute(f"CREATE TABLE {table} ({', '.join(rows[0])})")
    lite.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", [[*row.values()] for row in rows])


def answers(query):
    def order(row):
        return [str(value) for value in row]

    return sorted(execute(query, tables=tables).rows, key=order), sorted(lite.execute(query).fetchall(), key=order)


join = "FROM item LEFT JOIN sale ON sale.id = item.id"
three = "FROM shop JOIN item ON item.shop = shop.id JOIN sale ON sale.id = item.id"
query = f"SELECT item.id, COUNT(*) AS lines {join} GROUP BY item.id"
given, right = answers(query)
print("sqlglot", version("sqlglot"), query)
print("executor:", given, "SQLite:", right)
sold = [sale["id"] for sale in tables["sale"]]
assert right == [(item["id"], max(1, sold.count(item["id"]))) for item in tables["item"]]
assert given == [(11, 2), (None, 2)], "item.id is the item's own now"
query = f"SELECT shop.id, shop.name, COUNT(*) AS sold {three} GROUP BY shop.id, shop.name"
given, right = answers(query)
print("executor:", given, "SQLite:", right)
assert given == [(11, "North", 2)] and right == [(1, "North", 2)]
for number in ("COUNT(1)", "COUNT(*), COUNT(sale.id)", "SUM(sale.cents * 2)"):
    given, right = answers(f"SELECT item.id, {number} {join} GROUP BY item.id")
    assert [row[0] for row in given] == [11, None] and [row[0] for row in right] == [11, 12, 13]

for safe, expected in {
    f"SELECT item.id, COUNT(sale.id) AS sold {join} GROUP BY item.id": [(11, 2), (12, 0), (13, 0)],
    f"SELECT shop.id, SUM(sale.cents) AS cents {three} GROUP BY shop.id": [(1, 1000)],
    f"SELECT item.id, sale.cents {join}": [(11, 500), (11, 500), (12, None), (13, None)],
    "SELECT item.id, COUNT(*) AS lines FROM item LEFT JOIN (SELECT id AS sold FROM sale) AS s ON s.sold = item.id"
    " GROUP BY item.id": [(11, 2), (12, 1), (13, 1)],
}.items():
    assert answers(safe) == (expected, expected), answers(safe)
PYTHON
