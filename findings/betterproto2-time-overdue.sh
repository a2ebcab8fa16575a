#!/usr/bin/env bash
# betterproto2 0.10.0: a time that is over by 0.3 seconds is sent as 0.7 seconds left.
#
# Expected: duration.proto of Protocol Buffers says that a duration below one second has seconds 0 and nanos of either
# sign, and that above it both have the same sign. betterproto2 has a timedelta for the field, which may be negative;
# protobuf 7.36.2 writes the same ones as the comment says, and betterproto2 reads those right.
#
# What happens: the seconds are cut off towards zero, and the fraction is taken from the floor: -0.3 becomes nanos
# 700000000, and each negative duration with a fraction ends up one second too late: -1.5 becomes -0.5, and -3600.25
# becomes -3599.25. In JSON -3600.25 is "-3600.750s". Nothing is said, by betterproto2 as the reader neither. Whole
# seconds and positive durations are right.
#
# For a user: a reservation, a payment or a lease that ran out a moment ago has time left at the receiver, and a clock's
# offset of -1 ms is one of 999 ms. Send the time itself (a Timestamp is right), or whole milliseconds as an integer.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check \
    betterproto2==0.10.0 betterproto2_compiler==0.10.1 protobuf==7.36.2 grpcio-tools==1.85.1
cd "$folder"
cat >shop.proto <<'PROTO'
syntax = "proto3";
package shop;
import "google/protobuf/duration.proto";
message Reservation {
    google.protobuf.Duration left = 1;
}
PROTO
mkdir other
PATH="$folder/venv/bin:$PATH" venv/bin/python -m grpc_tools.protoc -I. --python_out=. --python_betterproto2_out=other \
    shop.proto 2>protoc.log || { cat protoc.log; exit 1; }
venv/bin/python - <<'PYTHON'
import json
from datetime import timedelta

import shop_pb2
from other.shop import Reservation


def seconds(left):
    # As protobuf reads what betterproto2 writes, betterproto2 that, and betterproto2 what protobuf writes.
    written = bytes(Reservation(left=left))
    official = shop_pb2.Reservation()
    official.left.FromTimedelta(left)
    read = shop_pb2.Reservation.FromString(written).left.ToTimedelta()
    return [value.total_seconds() for value in (
        read, Reservation.parse(written).left, Reservation.parse(official.SerializeToString()).left)]


expected = {
    0.3: 0.3, 1.5: 1.5, -60.0: -60.0, -0.001: 0.999, -0.3: 0.7, -1.5: -0.5, -3600.25: -3599.25}
for left, wrong in expected.items():
    by_protobuf, by_itself, other_way = seconds(timedelta(seconds=left))
    text = json.loads(Reservation(left=timedelta(seconds=left)).to_json())["left"]
    print(f"{left} s: read as {by_protobuf} by protobuf and {by_itself} by betterproto2, in JSON {text}")
    assert other_way == left
    assert by_protobuf == by_itself == wrong, "the sign is kept now"
assert json.loads(Reservation(left=timedelta(seconds=-3600.25)).to_json()) == {"left": "-3600.750s"}
PYTHON
