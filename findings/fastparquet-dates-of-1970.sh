#!/usr/bin/env bash
# fastparquet 2026.9.0 (pandas 3.1.1): a column of dates is written as minutes of the first of January 1970.
#
# Expected: fastparquet writes pandas' columns of times, and the Parquet format ("Logical Types", Timestamp) says that
# one in milliseconds counts those from 1970 on. to_datetime() of dates makes a column that counts seconds in pandas
# 3.1.1 (nanoseconds in 2.3.3). PyArrow 26.0.1 writes that column as milliseconds that are right, and fastparquet reads
# them right. It asks for pandas 1.5 or later, and pip installs the two together without a word.
#
# What happens: the file says milliseconds, and each number in it is the seconds divided by 1000, where they should be
# times 1000. 31 January 2026 is 00:29:29.817 on 1 January 1970 for PyArrow and DuckDB 2.0.1. Fractions are cut off, so
# that a quarter of an hour becomes one or two values and cannot be computed back. fastparquet itself refuses to read
# the file, for its values do not fit into seconds. Columns that count milli-, micro- or nanoseconds are written right.
#
# For a user: an export of orders by day, or a list of prices with the day they hold from, is taken by each reader and
# lies 56 years back: "the last 30 days" finds nothing. Say .astype("datetime64[us]") before writing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check fastparquet==2026.9.0 pandas==3.1.1 pyarrow==26.0.1 \
    duckdb==2.0.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import date, datetime

import duckdb
import fastparquet
import pandas
import pyarrow.parquet

days = [date(2026, 1, 31), date(2026, 2, 1)]
right = [datetime(2026, 1, 31), datetime(2026, 2, 1)]
wrong = [datetime(1970, 1, 1, 0, 29, 29, 817000), datetime(1970, 1, 1, 0, 29, 29, 904000)]


def by_fastparquet(frame):
    fastparquet.write("days.parquet", frame)


def by_pyarrow(frame):
    frame.to_parquet("days.parquet", engine="pyarrow")


def read():
    column = pyarrow.parquet.read_table("days.parquet")["day"]
    (other,) = zip(*duckdb.sql("SELECT day FROM 'days.parquet'").fetchall())
    assert column.to_pylist() == list(other)
    return str(column.type), column.to_pylist()


orders = pandas.DataFrame({"day": pandas.to_datetime(days)})
assert orders.day.dtype == "datetime64[s]" and orders.day.tolist() == right
by_fastparquet(orders)
kind, found = read()
print(f"written by fastparquet: {kind}, {[str(day) for day in found]}")
assert (kind, found) == ("timestamp[ms]", wrong), "dates are written right now"
try:
    print(fastparquet.ParquetFile("days.parquet").to_pandas())
except ValueError as error:
    print("read by fastparquet:", error)
else:
    raise SystemExit("fastparquet reads its own file now")

seconds = pandas.date_range("2026-01-31", periods=900, freq="s", unit="s")
by_fastparquet(pandas.DataFrame({"day": seconds}))
left = sorted(set(read()[1]))
print("of 900 times in a quarter of an hour are left", [str(day) for day in left])
assert len(left) == 2

by_pyarrow(orders)
assert read() == ("timestamp[ms]", right) and fastparquet.ParquetFile("days.parquet").to_pandas().day.tolist() == right
for unit in ("ms", "us", "ns"):
    by_fastparquet(orders.astype(f"datetime64[{unit}]"))
    assert read()[1] == right
PYTHON
