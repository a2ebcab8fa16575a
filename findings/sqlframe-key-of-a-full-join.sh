#!/usr/bin/env bash
# sqlframe 4.10.0 on DuckDB 2.0.1: the key of a full or right join is there as long as nobody asks for it by its name.
#
# Expected: sqlframe says that it brings PySpark's DataFrame API to other databases. PySpark's reference of
# DataFrame.join shows that after a join on the name of a column, select() of that name has the key of rows that only
# the right side has ("Tom", of whom no age is known). The key of a full join is the left one or, without it, the right
# one, as with USING in SQL, which DuckDB answers so.
#
# What happens: collect() without select() has the key 3, which only the right side has. select() of the key, filter(),
# where() and groupBy() take the left side's column, in which it is NULL: select("id") loses it, filter("id = 3") finds
# no row, and a count by key puts all such rows together under NULL. A right join does the same. A select() of all
# columns by name is enough; no further step is needed. Nothing is raised. With an alias for each frame, a condition and
# coalesce() of the two keys, all is right.
#
# For a user: stock and orders, or old prices and new ones, are put side by side, and what only the second has comes out
# nameless: new articles are missing in the answer, or all of them are one. It looks right as soon as one prints the
# joined frame to find out.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check sqlframe==4.10.0 duckdb==2.0.1
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import duckdb
from sqlframe.duckdb import DuckDBSession
from sqlframe.duckdb import functions

session = DuckDBSession()
stock = session.createDataFrame([(1, 10), (2, 20)], ["id", "stock"])
ordered = session.createDataFrame([(2, 5), (3, 6), (4, 7)], ["id", "ordered"])


def rows(frame):
    return sorted(map(tuple, frame.collect()), key=str)


database = duckdb.connect()
database.execute("CREATE TABLE stock AS FROM (VALUES (1, 10), (2, 20)) v(id, stock)")
database.execute("CREATE TABLE ordered AS FROM (VALUES (2, 5), (3, 6), (4, 7)) v(id, ordered)")
left_only = {"full": [(1, 10, None)], "right": []}
for how, more in left_only.items():
    joined = stock.join(ordered, "id", how)
    right = more + [(2, 20, 5), (3, None, 6), (4, None, 7)]
    wrong = more + [(2, 20, 5), (None, None, 6), (None, None, 7)]
    query = f"SELECT id, stock, ordered FROM stock {how} JOIN ordered USING (id)"
    assert sorted(database.execute(query).fetchall(), key=str) == right
    assert rows(joined) == right
    found = rows(joined.select("id", "stock", "ordered"))
    print(f"{how} join, collected: {rows(joined)}\n    the three columns selected: {found}")
    assert found == wrong, "the key is kept now"
    assert rows(joined.select("id")) == [row[:1] for row in wrong]
    only = rows(joined.filter("id = 3")), rows(joined.where(functions.col("id") == 3))
    counts = rows(joined.groupBy("id").agg(functions.count("*")))
    print(f"    rows with id 3: {only}, count by id: {counts}")
    assert only == ([], []) and counts == [row[:1] + (1,) for row in more] + [(2, 1), (None, 2)]

    first, second = stock.alias("first"), ordered.alias("second")
    apart = first.join(second, functions.col("first.id") == functions.col("second.id"), how)
    key = functions.coalesce(functions.col("first.id"), functions.col("second.id")).alias("id")
    assert rows(apart.select(key, "stock", "ordered")) == right
PYTHON
