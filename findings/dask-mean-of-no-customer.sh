#!/usr/bin/env bash
# dask 2026.8.0 (pandas 3.1.1): the mean of each customer has a customer more than the sum of each customer.
#
# Expected: the reference of dask's groupby(), which is that of pandas, says that rows without a key are left out by
# default (dropna=True). All results of one groupby() then have the same groups, as they have in pandas 3.1.1.
#
# What happens: sum, count, size, min, max, first, median and nunique leave the rows without a key out. mean(), var()
# and std() have a group of them, with <NA> for a key, unless dropna=True is said aloud; agg(["sum", "mean"]) has none.
# For groupby() of two keys it is so for each combination. It takes a column of text or numbers with a missing value,
# and no particular number of partitions.
#
# For a user: guests who order without an account become a customer with the average of all guests, who may lead the
# list of the best; means and counts of one groupby(), put side by side as lists, stand against other customers. A test
# whose rows all have a key passes. Say dropna=True, or ask agg() for the mean. (A correction was proposed in 2026.)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'dask[dataframe]==2026.8.0' pandas==3.1.1 pyarrow==26.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import dask
import dask.dataframe
import pandas

dask.config.set(scheduler="sync")
orders = pandas.DataFrame({
    "customer": ["Ada", None, "Bob", None, "Ada", "Bob"],
    "number": [1.0, None, 2.0, None, 1.0, 2.0],
    "shop": ["A", "A", "B", "B", "A", "B"],
    "amount": [10.0, 500.0, 20.0, 700.0, 30.0, 40.0],
})


def groups(frame, key, what, **options):
    result = getattr(frame.groupby(key, **options)["amount"], what)()
    result = result.compute() if hasattr(result, "compute") else result
    return {"none" if pandas.isna(key) else key: amount for key, amount in result.items()}


alike, other = ("sum", "count", "size", "min", "max", "first", "median", "nunique"), ("mean", "var", "std")
both = ["customer", "shop"]
for partitions in (1, 3):
    frame = dask.dataframe.from_pandas(orders, npartitions=partitions)
    for what in alike + other:
        here, there = groups(orders, "customer", what), groups(frame, "customer", what)
        assert set(here) == {"Ada", "Bob"}
        assert set(there) == set(here) | ({"none"} if what in other else set()), f"{what} has other groups now"
        assert all(abs(there[key] - here[key]) < 1e-9 for key in here)
        assert set(groups(frame, "customer", what, dropna=True)) == set(here)
    for what in ("sum", "mean"):
        print(f"{what}: pandas {groups(orders, 'customer', what)}, dask {groups(frame, 'customer', what)}")
    assert groups(frame, "customer", "mean")["none"] == 600
    assert set(groups(orders, "number", "mean")) == {1, 2} and set(groups(frame, "number", "mean")) == {1, 2, "none"}
    assert len(frame.groupby(both)["amount"].sum().compute()) == len(orders.groupby(both)["amount"].mean()) == 2
    assert len(frame.groupby(both)["amount"].mean().compute()) == 4
    assert len(frame.groupby("customer").agg({"amount": ["sum", "mean"]}).compute()) == 2
PYTHON
