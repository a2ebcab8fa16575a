#!/usr/bin/env bash
# moto 5.2.5, SQS: a FIFO queue forgets a deduplication id as soon as its message is deleted.
#
# Expected: the documentation of Amazon SQS ("FIFO queue key terms", message deduplication id) says that within five
# minutes only one copy of a message is delivered, and in a note that the id is tracked even after the message has been
# received and deleted. That is what the id is for: the sender that got no answer sends again when the consumer may
# long be done.
#
# What happens: while the first message is in the queue or in flight, the copy is swallowed. Once the consumer has
# deleted it, the copy with the same id, milliseconds later, is delivered as a new message.
#
# For a user: a test that a retried "charge this order" is charged once passes or fails by how fast the consumer is;
# and a sender that sends again under the same id to have an order processed again works here, and not on SQS. Such
# tests say something about SQS only if nothing is deleted before the last copy is sent.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'moto[sqs]==5.2.5' boto3==1.44.8
AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_DEFAULT_REGION=eu-central-1 \
    "$folder/venv/bin/python" - <<'PYTHON'
import boto3
from moto import mock_aws


@mock_aws
def run():
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="charges.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]

    def send():
        sqs.send_message(
            QueueUrl=queue, MessageBody="charge order 1", MessageGroupId="order-1", MessageDeduplicationId="charge-1")

    def receive():
        return sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])

    send()
    send()
    first = receive()
    send()
    in_flight = receive()
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=first[0]["ReceiptHandle"])
    left = receive()
    send()
    after = receive()
    print("delivered of two sent at once:", len(first))
    print("delivered of a copy sent while the first is in flight:", len(in_flight) + len(left))
    print("delivered of a copy sent after the first was deleted:", len(after))
    assert len(first) == 1 and not in_flight and not left
    assert len(after) == 1, "the id is remembered after the message is deleted"


run()
PYTHON
