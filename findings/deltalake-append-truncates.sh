#!/usr/bin/env bash
# deltalake 1.6.6 (delta-rs): a column of fractions appended to a column of whole numbers is cut off, 2.7 to 2, and
# -2.7 to -2, where a mismatch of schemas was an error.
#
# Expected: the documentation of delta-rs ("Writing Delta Tables") says that by default an append whose schema differs
# from the table's is refused, and the rule of Delta Lake is known as schema enforcement. deltalake 0.17.4 refuses the
# same append with a ValueError; Arrow, which carries the data, refuses to cast 2.7 to a whole number; and 1.6.6
# itself refuses a Decimal of three digits behind the point for a column of two.
#
# What happens: whatever can be cast is cast, and nothing is said: fractions are cut off, 2.675 becomes the decimal
# 2.68, the text "3" the number 3, and "no" for a true-or-false column is False. A merge and an update do the same. What
# does not fit at all (NaN, "2.7" as text) is refused, so the check seems to be there.
#
# For a user: a partner's feed has pieces as whole numbers, until something is sold by weight, or amounts in cents until
# one file has them with fractions: stock and totals are too low, and the original is gone. An upgrade from 0.17 brings
# it. That no error is raised has been reported (2025). Compare the schemas before each append, or cast by Arrow, whose
# cast is safe: table.cast(schema).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/append.py" <<'PYTHON'
import sys
import tempfile
from decimal import Decimal
from importlib.metadata import version

import pyarrow
from deltalake import DeltaTable, write_deltalake


def appended(before, after):
    with tempfile.TemporaryDirectory() as folder:
        write_deltalake(folder, pyarrow.table({"units": [before]}))
        try:
            write_deltalake(folder, pyarrow.table({"units": after}), mode="append")
        except Exception as error:
            return type(error).__name__
        values = DeltaTable(folder).to_pyarrow_table()["units"].to_pylist()
        values.remove(before)
        return values


def merged_and_updated():
    with tempfile.TemporaryDirectory() as folder:
        write_deltalake(folder, pyarrow.table({"sku": ["MUG"], "units": [1]}))
        table, source = DeltaTable(folder), pyarrow.table({"sku": ["MUG", "TEA"], "units": [2.7, 0.5]})
        merge = table.merge(source, predicate="t.sku = s.sku", source_alias="s", target_alias="t")
        merge.when_matched_update_all().when_not_matched_insert_all().execute()
        table.update(predicate="sku = 'MUG'", updates={"units": "units * 1.9"})
        return dict(zip(*table.to_pyarrow_table().to_pydict().values()))


try:
    pyarrow.array([2.7]).cast(pyarrow.int64())
    raise SystemExit("Arrow casts 2.7 now")
except pyarrow.ArrowInvalid as error:
    print("Arrow:", error)
outcomes = [
    appended(1, [2.7, -2.7, 0.5]),
    appended(Decimal("1.50"), [2.675]),
    appended(1, ["3"]),
    appended(True, ["no"]),
    appended(Decimal("1.50"), [Decimal("2.675")]),
    appended(1, [float("nan")]),
]
print("deltalake", version("deltalake"), outcomes)
if sys.argv[1] == "refuses":
    assert set(outcomes) == {"ValueError"}, "it takes another type"
else:
    assert outcomes[:4] == [[2, -2, 0], [Decimal("2.68")], [3], [False]], "what differs is handled otherwise now"
    assert outcomes[4] == "SchemaMismatchError" and outcomes[5] == "Exception", "other values are refused now"
    print("2.7 for MUG and 0.5 for TEA merged, MUG times 1.9:", merged_and_updated())
    assert merged_and_updated() == {"MUG": 3, "TEA": 0}, "a merge or an update does otherwise now"
PYTHON
python3 -m venv "$folder/venv"
while read -r version words; do
    "$folder/venv/bin/pip" install -q --disable-pip-version-check "deltalake==$version" pyarrow==26.0.1
    "$folder/venv/bin/python" "$folder/append.py" "$words"
done <<'VERSIONS'
0.17.4 refuses
1.6.6 casts
VERSIONS
