#!/usr/bin/env bash
# DuckDB 2.0.1: asked which prices of a Parquet file are NaN, it finds none, and where NOT isnan(price) it lets them in.
#
# Expected: the Parquet format says that NaN is not written into a column's minimum and maximum, and that these are to
# be ignored when NaN is looked for. PyArrow 26.0.1 and polars 2.1.0 write files so, and then isnan(price) of DuckDB is
# true for the same rows as in a table, as it was in DuckDB 1.4.4. Polars finds them in the same file.
#
# What happens: the smallest and the largest number of the file are taken for those of all values, so that isnan() is
# false before a row is read: no row is NaN, all are NOT isnan(), count_if(isnan()) is 0, and price = 'NaN' is never
# true. Of PyArrow's file max() is the largest number, too. The row itself shows NaN. The same file without statistics,
# a file written by DuckDB, and the rows put into a table first are all right.
#
# For a user: a check of a partner's file for broken prices or weights is clean, a filter that is to keep them out
# hands them on, and from there each sum is NaN. (That comparisons such as "!=" and ">" lose NaN in such files has been
# reported in 2026; some do in 1.4.4 already.) Load the file into a table and look there, or compare the text, as in
# price::VARCHAR = 'nan'.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/prices.py" <<'PYTHON'
import sys

import duckdb
import polars
import pyarrow
from pyarrow import parquet

folder, finds = sys.argv[1], sys.argv[2] == "finds"
prices = pyarrow.table({"sku": ["MUG", "TEA", "CAP"], "price": [9.5, float("nan"), 4.0]})
parquet.write_table(prices, f"{folder}/arrow.parquet")
parquet.write_table(prices, f"{folder}/no-statistics.parquet", write_statistics=False)
polars.from_arrow(prices).write_parquet(f"{folder}/polars.parquet")
shop = duckdb.connect()
shop.execute("CREATE TABLE loaded AS SELECT * FROM prices")
shop.execute(f"COPY loaded TO '{folder}/duckdb.parquet' (FORMAT parquet)")


def answers(source):
    source = f"'{folder}/{source}.parquet'" if source != "loaded" else source
    broken, sound = ([sku for sku, in shop.execute(f"SELECT sku FROM {source} WHERE {condition}").fetchall()]
                     for condition in ("isnan(price)", "NOT isnan(price)"))
    count, = shop.execute(f"SELECT count_if(isnan(price)) FROM {source}").fetchone()
    largest, = shop.execute(f"SELECT max(price) FROM {source}").fetchone()
    equal, = shop.execute(f"SELECT count(*) FROM {source} WHERE price = 'NaN'::DOUBLE").fetchone()
    return broken, sound, count, equal, str(largest)


right, wrong = (["TEA"], ["MUG", "CAP"], 1, 1, "nan"), ([], ["MUG", "TEA", "CAP"], 0, 0)
for source in ("loaded", "duckdb", "no-statistics", "arrow", "polars"):
    broken, sound, count, *_ = answer = answers(source)
    print(f"DuckDB {duckdb.__version__}, {source}: NaN {broken}, not NaN {sound}, counted {count}")
    if finds:
        assert (broken, sound, count) == right[:3]
    else:
        expected = {"arrow": (*wrong, "9.5"), "polars": (*wrong, "nan")}.get(source, right)
        assert answer == expected, "NaN is looked for otherwise now"
for source in ("arrow", "polars"):
    frame = polars.scan_parquet(f"{folder}/{source}.parquet").filter(polars.col("price").is_nan())
    assert frame.collect()["sku"].to_list() == ["TEA"]
assert shop.execute(f"SELECT sku FROM '{folder}/arrow.parquet' WHERE price::VARCHAR = 'nan'").fetchone() == ("TEA",)
PYTHON
python3 -m venv "$folder/venv"
while read -r version words; do
    "$folder/venv/bin/pip" install -q --disable-pip-version-check "duckdb==$version" polars==2.1.0 pyarrow==26.0.1
    "$folder/venv/bin/python" "$folder/prices.py" "$folder" "$words"
done <<'VERSIONS'
1.4.4 finds
2.0.1 misses
VERSIONS
