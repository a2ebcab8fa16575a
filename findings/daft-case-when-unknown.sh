#!/usr/bin/env bash
# daft 0.7.26: CASE WHEN gives NULL, not its ELSE, as soon as a condition is unknown.
#
# Expected: the reference of daft.functions.when says that it is like SQL's CASE WHEN: if the condition is true, its
# value is returned, otherwise the next condition is evaluated, and if no conditions are true, otherwise() has the
# value. A condition that is NULL is not true. DuckDB 2.0.1, polars 2.1.0 and SQLite go on to the next one.
#
# What happens: the first condition that is NULL makes the whole of it NULL; neither a later condition that is true nor
# ELSE is looked at. So "WHEN discount > 5 THEN 'high' WHEN discount IS NULL THEN 'none' ELSE 'low'" never says 'none',
# and a CASE with an ELSE, written so that it has a value for each row, has not. when() of DataFrames does the same.
# With the test for NULL put first, which is how the reference's one example with NULLs is written, it is right.
#
# For a user: sum(CASE WHEN discount > 0 THEN price - discount ELSE price END) leaves out each line without a discount,
# and a shipping class or a tax rate with a default has none. Write each condition as coalesce(..., false).
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
from daft.functions import when

rows = {"id": [1, 2, 3], "price": [10, 10, 10], "discount": [7, None, 3]}


def by_daft(query):
    return list(zip(*daft.sql(query, lines=daft.from_pydict(rows)).to_pydict().values()))


def by_polars(query):
    return polars.SQLContext(lines=polars.DataFrame(rows)).execute(query).collect().rows()


def by_database(module):
    database = module.connect(":memory:")
    database.execute("CREATE TABLE lines (id INTEGER, price INTEGER, discount INTEGER)")
    database.executemany("INSERT INTO lines VALUES (?, ?, ?)", list(zip(*rows.values())))
    return lambda query: database.execute(query).fetchall()


others = {"DuckDB": by_database(duckdb), "polars": by_polars, "SQLite": by_database(sqlite3)}
level = "CASE WHEN discount > 5 THEN 'high' {} ELSE 'low' END AS level"
paid = "CASE WHEN {} THEN price - discount ELSE price END"
queries = {
    f"SELECT id, {level.format('')} FROM lines ORDER BY id": (
        [(1, "high"), (2, None), (3, "low")], [(1, "high"), (2, "low"), (3, "low")]),
    f"SELECT id, {level.format('WHEN discount IS NULL THEN ' + repr('none'))} FROM lines ORDER BY id": (
        [(1, "high"), (2, None), (3, "low")], [(1, "high"), (2, "none"), (3, "low")]),
    f"SELECT sum({paid.format('discount > 0')}) AS paid FROM lines": ([(10,)], [(20,)]),
}
sound = {
    f"SELECT sum({paid.format('coalesce(discount > 0, false)')}) AS paid FROM lines": [(20,)],
    "SELECT CASE WHEN discount IS NULL THEN 'none' WHEN discount > 5 THEN 'high' ELSE 'low' END AS level "
    "FROM lines ORDER BY id": [("high",), ("none",), ("low",)],
}
for query, (found, right) in queries.items():
    answer = by_daft(query)
    print(f"{query}\n    daft {answer}, others {right}")
    assert answer == found, "an unknown condition is passed over now"
    for name, ask in others.items():
        assert ask(query) == right, name
for query, right in sound.items():
    assert by_daft(query) == right, query

frame = daft.from_pydict(rows)
chain = when(frame["discount"] > 5, "high").when(frame["discount"].is_null(), "none").otherwise("low")
print("when() of a DataFrame:", frame.select(chain.alias("level")).to_pydict())
assert frame.select(chain.alias("level")).to_pydict() == {"level": ["high", None, "low"]}
PYTHON
