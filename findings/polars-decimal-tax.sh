#!/usr/bin/env bash
# polars 2.1.0: price * rate of two Decimal columns is rounded to cents line by line as an expression, and exact as SQL.
#
# Expected: the product of two decimals has the digits of both, as in SQL and in Arrow, which Polars is made of: two
# digits times two digits is four, and rounding is the author's own decision. PyArrow 26.0.1 gives the exact product of
# the same columns, so did polars 1.20.0, and so does polars 2.1.0 when it is asked in SQL. The reference of Decimal
# describes scale as the digits of a number and says nothing of losing some in a product.
#
# What happens: the product has the larger of the two scales. 0.13 * 0.19 is 0.02 and not 0.0247, halves go to the even
# neighbour, nothing is said, and the sum of the rounded lines follows: 2.00 of tax for 13.00 at 19 %, where 2.47 is
# due. The same two columns give 2.4700 through polars.SQLContext.
#
# For a user: taxes, discounts and exchanged amounts are off by up to half a cent a line, always the same way for equal
# lines. An upgrade changes them, and a report of expressions does not agree with the same report in SQL. Cast one
# column to the digits that the product needs, cast(polars.Decimal(38, 6)), and round once, at the end.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/tax.py" <<'PYTHON'
import sys
from decimal import Decimal

import polars
import pyarrow
import pyarrow.compute

columns = {"price": [Decimal("0.13")] * 100, "rate": [Decimal("0.19")] * 100}
lines, table = polars.DataFrame(columns), pyarrow.table(columns)
product = polars.col("price") * polars.col("rate")
wider = polars.col("price").cast(polars.Decimal(38, 6)) * polars.col("rate")
taxes = {
    "decimal of Python": sum(price * rate for price, rate in zip(columns["price"], columns["rate"])),
    "pyarrow": pyarrow.compute.sum(pyarrow.compute.multiply(table["price"], table["rate"])).as_py(),
    "SQL": polars.SQLContext(lines=lines).execute("SELECT SUM(price * rate) FROM lines").collect().item(),
    "expression, cast": lines.select(wider.sum()).item(),
    "expression": lines.select(product.sum()).item(),
}
print("polars", polars.__version__, ", ".join(f"{name} {tax}" for name, tax in taxes.items()))
expression = taxes.pop("expression")
assert set(taxes.values()) == {Decimal("2.47")}, "another way is not exact"
assert expression == Decimal(sys.argv[1]), "the product has other digits now"
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pyarrow==26.0.1
while read -r version tax; do
    "$folder/venv/bin/pip" install -q --disable-pip-version-check "polars==$version"
    "$folder/venv/bin/python" "$folder/tax.py" "$tax"
done <<'VERSIONS'
1.20.0 2.47
2.1.0 2.00
VERSIONS
