#!/usr/bin/env bash
# dask 2026.8.0 (pandas 3.1.1): idxmax() by group gives the best day of the first partition that knows the shop.
#
# Expected: the reference of GroupBy.idxmax, which dask took over from pandas, says that it returns the index of the
# first occurrence of the maximum. Each function of a dask group is there to give what pandas gives for the whole of the
# rows, into however many partitions they are cut; max() does, and so does idxmax() without groups. The reference adds,
# as it does for each function, that some inconsistencies may exist; it names none here.
#
# What happens: dask takes the best day of each group in each partition, and keeps the first of them without a look at
# the values, which it has dropped by then. So a group's answer is right only if its maximum lies in the first partition
# in which the group has a row. With one partition, as in most tests, all is right, and with a partition a row it is
# simply the first row of each group. idxmin() does the same. agg() refuses both, as functions that it does not know.
#
# For a user: "the best day of each shop" or "the latest price of each article" is that of the first file or the first
# month that was read, no error is told, and the number of partitions changes it. Take max() by group, join it with the
# rows, and keep those that have that value.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --no-compile --disable-pip-version-check 'dask[dataframe]==2026.8.0' \
    pandas==3.1.1 pyarrow==26.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import dask
import dask.dataframe
import pandas

dask.config.set(scheduler="synchronous")
days = pandas.DataFrame(
    {"shop": ["A", "B"] * 4, "sales": [10, 9, 30, 5, 20, 40, 1, 2]},
    index=pandas.Index([f"day {number}" for number in range(1, 9)], name="day"),
)
right = {"idxmax": {"A": "day 3", "B": "day 6"}, "idxmin": {"A": "day 7", "B": "day 8"}}
found_with = {
    1: right,
    2: {"idxmax": {"A": "day 3", "B": "day 2"}, "idxmin": {"A": "day 1", "B": "day 4"}},
    4: {"idxmax": {"A": "day 1", "B": "day 2"}, "idxmin": {"A": "day 1", "B": "day 2"}},
}
for function, expected in right.items():
    assert getattr(days.groupby("shop").sales, function)().to_dict() == expected
for partitions, wrong in found_with.items():
    frame = dask.dataframe.from_pandas(days, npartitions=partitions)
    assert frame.npartitions == partitions
    for function in right:
        found = getattr(frame.groupby("shop").sales, function)().compute().to_dict()
        print(f"{function} by shop in {partitions} partition(s): {found}, pandas: {right[function]}")
        assert found == wrong[function], "the values are compared now"
    assert frame.sales.idxmax().compute() == "day 6" and frame.sales.idxmin().compute() == "day 7"
    best = frame.groupby("shop").sales.max().reset_index()
    assert dict(best.compute().to_numpy().tolist()) == {"A": 30, "B": 40}
    rows = frame.reset_index().merge(best, on=["shop", "sales"]).compute()
    assert dict(rows[["shop", "day"]].to_numpy().tolist()) == right["idxmax"]
PYTHON
