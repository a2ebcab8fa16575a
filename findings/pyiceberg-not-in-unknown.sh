#!/usr/bin/env bash
# pyiceberg 0.12.0: NOT IN takes the orders that have no status once it names two, and not while it names one; a delete
# takes them or leaves them by the file that they lie in.
#
# Expected: PyIceberg's documentation ("Row Filter Syntax") calls its filters similar to WHERE of SQL, and NOT IN a
# check against a set of values; of rows without a value it says nothing there. In SQL a status that is NULL is neither
# in a list nor not in it, however long the list is, and neither equal nor unequal; DuckDB 2.0.1 answers so. Iceberg's
# own library (Java) finds such rows by both. Either way the filter says the same of a row wherever the row is stored,
# and a delete removes what a scan with the same filter shows.
#
# What happens: NOT IN with one value becomes !=, which a row without a value does not pass; with two it passes. So a
# status that no order has ever had brings such orders into the answer, and != twice leaves them out. delete() leaves
# the row that the scan has just shown, if its file also holds rows that may stay and is written anew for them; if the
# bounds of the file say that all its values go, the row goes with the file. So it is with != as well, although no scan
# shows the row by that.
#
# For a user: "all that is not paid" and "all that is neither paid nor void" treat open orders without a status
# differently, and a clean-up removes some of them or none by how the rows came in. Add "and status is not null" to each
# such filter: then scan and delete agree.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --no-compile --disable-pip-version-check pyarrow==26.0.1 \
    'pyiceberg[sql-sqlite,pyarrow]==0.12.0' duckdb==2.0.1
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import os

import duckdb
import pyarrow
from pyiceberg.catalog.sql import SqlCatalog

folder = os.getcwd()
catalog = SqlCatalog("shop", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}/warehouse")
catalog.create_namespace("shop")
orders = pyarrow.table({"id": [1, 2, 3, 4], "status": ["paid", "new", None, "sent"]})
one = "status not in ('paid')"
two = "status not in ('paid', 'void')"
unequal = "status != 'paid' and status != 'void'"
known = f"{two} and status is not null"


def ids(table, condition=None):
    scan = table.scan(row_filter=condition) if condition else table.scan()
    return sorted(scan.to_arrow()["id"].to_pylist())


def table(name, files):
    result = catalog.create_table(f"shop.{name}", schema=orders.schema)
    for file in range(files):
        result.append(orders.slice(file * 4 // files, 4 // files))
    return result


scanned = table("scanned", 1)
for condition, wrong in ((one, [2, 4]), (two, [2, 3, 4]), (unequal, [2, 4]), (known, [2, 4])):
    found = ids(scanned, condition)
    (right,) = zip(*duckdb.sql(f"SELECT id FROM orders WHERE {condition} ORDER BY id").fetchall())
    print(f"{condition}: PyIceberg {found}, DuckDB {list(right)}")
    assert list(right) == [2, 4] and found == wrong, "a row without a value is treated alike now"

cases = ((two, 1, [1, 3]), (two, 2, [1]), (unequal, 1, [1, 3]), (unequal, 2, [1]))
cases += ((known, 1, [1, 3]), (known, 2, [1, 3]))
for number, (condition, files, left) in enumerate(cases):
    deleted = table(f"deleted{number}", files)
    deleted.delete(condition)
    print(f"left by a delete where {condition}, rows in {files} file(s): {ids(deleted)}")
    assert ids(deleted) == left, "a delete treats a row alike in each file now"
PYTHON
