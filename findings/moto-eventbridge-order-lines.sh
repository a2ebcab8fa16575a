#!/usr/bin/env bash
# moto 5.2.5, EventBridge: a rule never matches what stands inside an array of objects, such as the lines of an order.
#
# Expected: EventBridge's documentation says that a pattern has the shape of the event, and that it matches an array if
# any of its elements does. The engine behind it, Event Ruler, documents this for arrays of objects too, and that all
# fields named in the pattern must then be found in one and the same object ("array-consistent matching"). moto says
# of its own patterns that a match of any element is a match, and has all of EventBridge's operators.
#
# What happens: the pattern {"lines": {"sku": ["MUG"]}} is matched by an order whose lines are an object, and by no
# order whose lines are an array. {"exists": false} turns this into deliveries that should not be: the field is said to
# be absent though each line has it. moto's SNS, by contrast, looks into the array.
#
# For a user: a rule on the lines of an order is dead in the tests, and live on AWS. Let rules name fields of the
# event's top level only, such as a list of the order's SKUs (an array of plain values is matched as documented).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check \
    'moto[events,sqs]==5.2.5' jsonpath-ng==1.16.0 boto3==1.44.8
AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_DEFAULT_REGION=eu-central-1 \
    "$folder/venv/bin/python" - <<'PYTHON'
import json

import boto3
from moto import mock_aws


@mock_aws
def delivered(pattern, detail):
    events, sqs = boto3.client("events"), boto3.client("sqs")
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    events.put_rule(Name="orders", EventPattern=json.dumps({"source": ["shop"], "detail": pattern}))
    events.put_targets(
        Rule="orders", Targets=[{"Id": "orders", "Arn": "arn:aws:sqs:eu-central-1:123456789012:orders"}])
    sent = events.put_events(Entries=[{"Source": "shop", "DetailType": "placed", "Detail": json.dumps(detail)}])
    assert sent["FailedEntryCount"] == 0
    count = len(sqs.receive_message(QueueUrl=queue).get("Messages", []))
    print(count, "delivered: pattern", json.dumps(pattern), "event", json.dumps(detail))
    return count


mug = {"lines": {"sku": ["MUG"]}}
assert delivered({"skus": ["MUG"]}, {"skus": ["PEN", "MUG"]}) == 1
assert delivered(mug, {"lines": {"sku": "MUG"}}) == 1
assert delivered(mug, {"lines": [{"sku": "PEN"}, {"sku": "MUG"}]}) == 0, "objects in an array are matched now"
assert delivered(mug, {"lines": [{"sku": "MUG"}]}) == 0, "an object in an array is matched now"
assert delivered({"lines": {"sku": [{"exists": False}]}}, {"lines": [{"sku": "MUG"}]}) == 1, "the field is seen now"
PYTHON
