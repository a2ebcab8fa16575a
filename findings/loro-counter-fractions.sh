#!/usr/bin/env bash
# loro 1.17.1 (a CRDT library): two replicas that hold the same operations have different values of a counter, once
# fractions are counted.
#
# Expected: Loro's documentation says that a Counter adds up all values and supports floating point numbers ("Counter"),
# that replicas are consistent once they have exchanged their messages, and that operations made at the same time must
# commute for that ("What are CRDTs", strong eventual consistency). Going back to a version ("Time Travel") shows the
# document as it was in that version.
#
# What happens: each replica adds the fractions in the order in which they reach it, and such sums depend on the order:
# 0.1, 0.2 and 0.3 make 0.6 here and 0.6000000000000001 there, for good: the version vectors are equal, another exchange
# brings nothing, and a snapshot hands the sum on. Going back subtracts what came later, so that 0.1 is read as
# 0.09999999997671694 after 1000000 was added. Whole numbers come out equal everywhere.
#
# For a user: weights, points or amounts counted in several shops at once: "spent at most 0.6" holds in one and fails in
# the other, a hash of the document or an == differs, and an audit by going back shows sums that never were. Count whole
# units (grams, cents), which are exact up to 2^53.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check loro==1.17.1
"$folder/venv/bin/python" - <<'PYTHON'
import itertools

import loro


def send(sender, receiver):
    receiver.import_(sender.export(loro.ExportMode.Updates(receiver.oplog_vv)))


def add(document, amount):
    document.get_counter("spent").increment(amount)
    document.commit()
    return document


def spent(document):
    return document.get_deep_value()["spent"]


def replicas(amounts):
    shops = [add(loro.LoroDoc(), amount) for amount in amounts]
    merged = [loro.LoroDoc() for _ in range(6)]
    for replica, order in zip(merged, itertools.permutations(shops)):
        for sender in order:
            send(sender, replica)
    for one, other in itertools.permutations(merged, 2):
        send(one, other)
        assert one.oplog_vv == other.oplog_vv
    for replica in merged:
        copy = loro.LoroDoc()
        copy.import_(replica.export(loro.ExportMode.Snapshot()))
        assert spent(copy) == spent(replica)
    values = sorted({spent(replica) for replica in merged})
    print(f"{amounts} in every order, one version: {values}")
    return values


def gone_back(amount, later):
    document = add(loro.LoroDoc(), amount)
    version, before = document.state_frontiers, spent(document)
    add(document, later).checkout(version)
    print(f"{before} once {later} was added and the first version is looked at again: {spent(document)}")
    return spent(document)


assert replicas([10, 20, 30]) == [60]
assert replicas([0.1, 0.2, 0.3]) == [0.6, 0.6000000000000001], "the replicas agree now"
assert gone_back(10, 1000000) == 10
assert gone_back(0.1, 1000000) == 0.1 + 1000000 - 1000000 != 0.1, "the earlier version is shown now"
PYTHON
