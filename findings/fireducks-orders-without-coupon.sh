#!/usr/bin/env bash
# fireducks 1.4.4: an order without a coupon does not get the discount of the line without a coupon.
#
# Expected: pandas's reference of DataFrame.merge says that where both key columns have rows with a null value, these
# rows are matched against each other, unlike SQL. FireDucks says that it has the API of pandas, so that changing the
# import is enough. Its page on compatibility lists what it does not aim at, among it the order of the rows after merge
# and join; which rows match is not there.
#
# What happens: a null in a key matches nothing, as in SQL, be it None or NaN, in merge and in join, by one column or
# by several. An inner merge has fewer rows, a left one NaN where pandas has the value, and an outer one two rows in
# place of one. Nothing is said. groupby(dropna=False) and drop_duplicates() have the null as one value, as in pandas.
#
# For a user: a report that changes its import, which is what the library is for, loses the orders without a coupon or
# region, or has no price for them, and the sum is another. Fill the key, fillna("none") on both sides, before a merge.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check fireducks==1.4.4 pandas==2.3.3
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import fireducks.pandas
import pandas

nan = float("nan")
orders = {"order": [1, 2, 3], "shop": ["N", "N", "S"], "coupon": ["A", None, "B"], "cents": [500, 700, 900]}
coupons = {"coupon": ["A", None], "off": [100, 50]}
by_shop = {"shop": ["N", "N"], "coupon": ["A", None], "off": [100, 50]}
numbers = {"order": [1, 2], "coupon": [7.0, nan]}, {"coupon": [7.0, nan], "off": [100, 50]}


def rows(library, left, right, **how):
    merged = library.DataFrame(left).merge(library.DataFrame(right), **how)[["order", "off"]].values.tolist()
    return sorted([None if value != value else int(value) for value in row] for row in merged)


def both(left, right, **how):
    return rows(fireducks.pandas, left, right, **how), rows(pandas, left, right, **how)


pairs = zip(orders["order"], orders["coupon"])
right = [[order, coupons["off"][coupons["coupon"].index(key)]] for order, key in pairs if key in coupons["coupon"]]
given, expected = both(orders, coupons, on="coupon")
print("fireducks", version("fireducks"), given, "pandas", version("pandas"), expected)
assert expected == right == [[1, 100], [2, 50]]
assert given == [[1, 100]], "nulls match each other now"
assert both(orders, by_shop, on=["shop", "coupon"]) == ([[1, 100]], [[1, 100], [2, 50]])
assert both(*numbers, on="coupon") == ([[1, 100]], [[1, 100], [2, 50]])
given = rows(fireducks.pandas, orders, coupons, on="coupon", how="left")
print("left merge:", given)
assert given == [[1, 100], [2, None], [3, None]]
assert rows(pandas, orders, coupons, on="coupon", how="left") == [[1, 100], [2, 50], [3, None]]
sizes = [
    len(library.DataFrame(orders).merge(library.DataFrame(coupons), on="coupon", how="outer"))
    for library in (fireducks.pandas, pandas)
]
assert sizes == [4, 3]
for library, off in ((fireducks.pandas, 100), (pandas, 150)):
    joined = library.DataFrame(orders).set_index("coupon").join(library.DataFrame(coupons).set_index("coupon"))
    assert joined["off"].sum() == off
    twice = library.DataFrame({"coupon": ["A", None, None], "cents": [1, 2, 3]})
    assert sorted(twice.groupby("coupon", dropna=False)["cents"].sum().tolist()) == [1, 5]
    assert len(twice.drop_duplicates("coupon")) == 2

filled = [{**table, "coupon": [key or "none" for key in table["coupon"]]} for table in (orders, coupons)]
assert both(*filled, on="coupon") == (right, right)
PYTHON
