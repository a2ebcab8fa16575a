#!/usr/bin/env bash
# avro 1.12.2 (Apache Avro for Python): a price with fewer digits than the schema's scale is written as another price,
# 12.3 as 1.23 and 5 as 0.05.
#
# Expected: the specification of Avro ("Logical Types", Decimal) says that the number is the stored integer times ten to
# the minus scale, so that with scale 2 both 12.3 and 12.30, which are equal in Python, are stored as 1230. fastavro
# 1.13.1 does so, from the same schema, and Avro's implementation in Java sets the scale likewise (AVRO-2837).
#
# What happens: the digits are stored as they stand, and the exponent is only compared with the scale: one that is too
# small (12.345) is refused, all others are taken without a word. 12.3 becomes 1.23, 5 becomes 0.05, and 1E+2, which is
# what normalize() makes of 100, becomes 0.01. Bytes and fixed do the same. The file is sound, so no reader can notice.
#
# For a user: whole amounts, sums that start at Decimal(0), numbers parsed from "12.3" and whatever went through
# normalize() arrive at a tenth or a hundredth, while amounts with both cents are right. Bring each amount to the scale
# first, amount.quantize(Decimal("0.01")), or write with fastavro.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check avro==1.12.2 fastavro==1.13.1
"$folder/venv/bin/python" - <<'PYTHON'
import io
import json
from decimal import Decimal

import avro.datafile
import avro.errors
import avro.io
import avro.schema
import fastavro

decimal = {"logicalType": "decimal", "precision": 12, "scale": 2}
kinds = {"bytes": {"type": "bytes"}, "fixed": {"type": "fixed", "name": "Amount", "size": 6}}


def schema_of(kind):
    return {"type": "record", "name": "Line", "fields": [{"name": "price", "type": {**kinds[kind], **decimal}}]}


def by_avro(kind, price):
    file = io.BytesIO()
    writer = avro.datafile.DataFileWriter(file, avro.io.DatumWriter(), avro.schema.parse(json.dumps(schema_of(kind))))
    writer.append({"price": price})
    writer.flush()
    file.seek(0)
    return next(fastavro.reader(file))["price"]


def by_fastavro(kind, price):
    file = io.BytesIO()
    fastavro.writer(file, fastavro.parse_schema(schema_of(kind)), [{"price": price}])
    file.seek(0)
    return next(avro.datafile.DataFileReader(file, avro.io.DatumReader()))["price"]


wrong = {"12.3": "1.23", "5": "0.05", "-7.5": "-0.75", "1E+2": "0.01"}
for kind in kinds:
    for text, stored in {"12.30": "12.30", "0.07": "0.07", **wrong}.items():
        price = Decimal(text)
        found = by_avro(kind, price), by_fastavro(kind, price)
        print(f"{kind}: {text} is read as {found[0]} when avro has written it, as {found[1]} when fastavro has")
        assert found[1] == price
        assert found[0] == Decimal(stored), "the scale is set now"
    try:
        by_avro(kind, Decimal("12.345"))
    except avro.errors.AvroOutOfScaleException as error:
        print(f"{kind}: 12.345 is refused, {error}")
    else:
        raise SystemExit("12.345 is written")
PYTHON
