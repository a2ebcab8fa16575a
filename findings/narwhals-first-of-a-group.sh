#!/usr/bin/env bash
# narwhals 2.29.0 on pyarrow 26.0.1: the first order of each customer is put beside the orders of others.
#
# Expected: the reference of Expr.over says that with order_by the expression is evaluated on the sorted frame, and that
# the results are returned in the original order of the rows. So first().over("customer", order_by="placed") puts the
# customer's first order at each of that customer's orders. Narwhals is there to give the same on each library, and on
# Polars 2.1.0, pandas 3.1.1 and DuckDB 2.0.1 it does.
#
# What happens: with a PyArrow table the values stay in the order of the sorted frame, and are put beside the rows in
# theirs: each value is right for some row, and stands at another. last() does the same. Once the table is sorted by
# that column all are right, and without order_by they are as well. Other functions by group and order, such as
# cum_sum(), are refused on PyArrow.
#
# For a user: "first order", "came by which campaign" or "latest price" by customer or article are mixed up between them
# as soon as rows are not sorted by time, as events that come late are not. Sort the frame first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check narwhals==2.29.0 pyarrow==26.0.1 polars==2.1.0 \
    pandas==3.1.1 duckdb==2.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import duckdb
import narwhals
import pandas
import polars
import pyarrow

orders = {
    "id": [1, 2, 3, 4, 5, 6],
    "customer": ["Ada", "Ada", "Bob", "Cy", "Dee", "Bob"],
    "placed": [50, 40, 70, 20, 30, 10],
}
arrow = pyarrow.table(orders)
tables = {
    "PyArrow": arrow,
    "Polars": polars.DataFrame(orders),
    "pandas": pandas.DataFrame(orders),
    "DuckDB": duckdb.table("arrow"),
}
right = {"first": [2, 2, 6, 4, 5, 6], "last": [1, 1, 3, 4, 5, 3]}
wrong = {"first": [6, 4, 5, 2, 2, 6], "last": [3, 4, 5, 1, 1, 3]}


def by_customer(table, function, **order):
    expression = getattr(narwhals.col("id"), function)().over("customer", **order)
    frame = narwhals.from_native(table).with_columns(found=expression)
    if isinstance(frame, narwhals.LazyFrame):
        frame = frame.collect()
    return frame.sort("id")["found"].to_list()


for function in right:
    for name, table in tables.items():
        found = by_customer(table, function, order_by="placed")
        print(f"{function} order of the customer, for each order, by {name}: {found}")
        expected = wrong if name == "PyArrow" else right
        assert found == expected[function], "the values stand at their rows now"
    assert by_customer(arrow.sort_by("placed"), function, order_by="placed") == right[function]
assert by_customer(arrow, "first") == by_customer(tables["Polars"], "first") == [1, 1, 3, 4, 5, 3]
PYTHON
