#!/usr/bin/env bash
# ibis-framework 12.0.0 on polars 2.1.0: of three mugs ordered and one shipped, none is left to ship.
#
# Expected: the reference of Table.difference says that with distinct=False it is a multiset difference: each row of the
# other table takes off one, and by its example 7, 8, 8, 9, 9, 9 without 8, 9 is 7, 8, 9, 9. Of Table.intersect it says
# the same, with an example of its own. On DuckDB 1.4.4 both examples come as they are written. Neither excepts a
# backend, and what Polars has no translation for, such as row_number() over a group, ibis refuses with an error.
#
# What happens: the Polars backend does not look at distinct in these two. A row that the other table has once is taken
# off as often as it is there, so that the example gives 7; and what the tables have in common comes once. union() with
# distinct=False keeps all rows on both.
#
# For a user: units ordered less units shipped, a bank's lines less the booked ones, or a stock count less the count
# before leave out what there is more than one of, and a test that has each row once passes. Count the rows of both by
# group and subtract the counts, as below, which is right on both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'ibis-framework[duckdb,polars]==12.0.0' polars==2.1.0 \
    duckdb==1.4.4 sqlglot==28.6.0 pandas==2.3.3
"$folder/venv/bin/python" - <<'PYTHON'
import ibis

backends = {"DuckDB": ibis.duckdb.connect(), "Polars": ibis.polars.connect()}


def table(*rows):
    return ibis.memtable({"row": list(rows)})


def counted(rows):
    return rows.group_by("row").agg(units=rows.count())


def answers(expression):
    return [backend.execute(expression.order_by("row"))["row"].tolist() for backend in backends.values()]


ordered, shipped = table("cap", "mug", "mug", "mug"), table("mug")
seven, eight, found = table(7, 8, 8, 9, 9, 9), table(8, 9), table("a", "a", "b")
cases = {
    "ordered, but not shipped": (
        ordered.difference(shipped, distinct=False), ["cap", "mug", "mug"], ["cap"]),
    "the reference's difference": (
        seven.difference(eight, distinct=False), [7, 8, 9, 9], [7]),
    "the reference's intersection": (
        found.intersect(table("a", "a", "a", "b"), distinct=False), ["a", "a", "b"], ["a", "b"]),
}
for name, (expression, right, wrong) in cases.items():
    by_duckdb, by_polars = answers(expression)
    print(f"{name}: DuckDB {by_duckdb}, Polars {by_polars}")
    assert by_duckdb == right
    assert by_polars == wrong, "the rows are counted now"
assert answers(ordered.difference(shipped)) == [["cap"]] * 2
assert answers(ordered.union(shipped, distinct=False)) == [["cap", "mug", "mug", "mug", "mug"]] * 2

less = counted(shipped).rename(shipped_row="row", shipped_units="units")
both = counted(ordered).left_join(less, [("row", "shipped_row")])
rest = both.select("row", rest=both.units - both.shipped_units.fill_null(0)).order_by("row")
for backend in backends.values():
    assert backend.execute(rest).to_dict("list") == {"row": ["cap", "mug"], "rest": [1, 2]}
try:
    backends["Polars"].execute(ordered.mutate(number=ibis.row_number().over(group_by="row")))
except ibis.common.exceptions.OperationNotDefinedError as error:
    print("refused on Polars:", error)
else:
    raise SystemExit("Polars has a translation for it now")
PYTHON
