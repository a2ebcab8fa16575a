#!/usr/bin/env bash
# sqlite-utils 4.2.1: upsert_all() empties the columns that a record leaves out, once an earlier or later record of the
# same call has them.
#
# Expected: the documentation ("Upserting data") says that an upsert sets the columns that are given and leaves the
# others of an existing row as they were, and that upsert_all() does this for many records. upsert() does it, and so
# does upsert_all() while all records have the same keys.
#
# What happens: the columns of all records of a batch are put together, and each record is written with all of them,
# NULL where it has none. A price for one article and a stock for another leave the first without stock and the second
# without price. What was seen stays on for the batches that follow, so batch_size=1 only decides which rows are
# emptied: those behind, not those before. Of the command, `sqlite-utils upsert`, the same is true.
#
# For a user: a partner's file of changes, each line with what has changed, empties prices and stock levels by its
# first line that is different, and the same lines sent in two files do not. Nothing is said, and NULL is skipped by
# sum() and by "stock = 0". Reported as an issue in September 2026, and in 2020. Call upsert() for each record within
# one transaction, or one upsert_all() for each set of keys.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check sqlite-utils==4.2.1
PATH=$folder/venv/bin:$PATH python - "$folder/shop.db" <<'PYTHON'
import json
import subprocess
import sys

import sqlite_utils


def shop(change, path=None):
    database = sqlite_utils.Database(path) if path else sqlite_utils.Database(memory=True)
    products = database["products"]
    products.insert_all([{"sku": sku, "cents": 100, "stock": 7} for sku in ("MUG", "PEN", "TEA")], pk="sku")
    change(products)
    rows = {row["sku"]: (row["cents"], row["stock"]) for row in products.rows}
    database.close()
    return rows


def singly(products):
    for record in changes:
        products.upsert(record, pk="sku")


def command(products):
    words = ["sqlite-utils", "upsert", sys.argv[1], "products", "-", "--pk", "sku"]
    subprocess.run(words, input=json.dumps(changes), text=True, check=True)


changes = [{"sku": "MUG", "cents": 90}, {"sku": "PEN", "stock": 3}, {"sku": "TEA", "cents": 80}]
outcomes = {
    "each by upsert": shop(singly),
    "upsert_all, same keys": shop(lambda products: products.upsert_all(changes[::2], pk="sku")),
    "upsert_all": shop(lambda products: products.upsert_all(changes, pk="sku")),
    "upsert_all, batches of 1": shop(lambda products: products.upsert_all(changes, pk="sku", batch_size=1)),
    "the command": shop(command, sys.argv[1]),
}
for name, rows in outcomes.items():
    print(f"{name:25} {rows}")
changed, emptied = {"MUG": (90, 7), "PEN": (100, 3), "TEA": (80, 7)}, {"PEN": (None, 3), "TEA": (80, None)}
assert list(outcomes.values()) == [
    changed,
    {**changed, "PEN": (100, 7)},
    {"MUG": (90, None), **emptied},
    {"MUG": (90, 7), **emptied},
    {"MUG": (90, None), **emptied},
], "other columns are emptied now"
PYTHON
