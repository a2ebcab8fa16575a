#!/usr/bin/env bash
# throttled-py 3.5.0: a token bucket of 59 requests a minute lets 30 through, and one of 119 lets 60 through.
#
# Expected: the documentation of throttled-py describes the token bucket (2.3) as one that tokens are put into at the
# rate that was set, and the leaky bucket (2.4) as nearly its equal; the README shows that a caller who waits for its
# turn comes close to the quota. After the first burst, 59 a minute is then what a busy client gets, as it does from
# gcra, the fixed and the sliding window of the same package.
#
# What happens: the time since the last request that passed is counted in whole seconds, the tokens that it brings are
# rounded down to whole ones, and each request that passes starts the count anew, so the rest of a token is lost. At 59
# a minute a second brings 0.98 of a token, and one request passes every other second. From 60 to 119 a minute it is one
# a second. Multiples of 60 are exact, and the default, 60, is one. The script for Redis counts in the same way.
#
# For a user: a queue behind the default algorithm drains at half the rate that a partner has granted, and customers who
# come steadily are refused below their quota. Take using="gcra", which keeps fractions, or a quota that is a whole
# number a second.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check throttled-py==3.5.0
"$folder/venv/bin/python" - <<'PYTHON'
from unittest import mock

import throttled

now = 1800000000.0


def passed(using, quota):
    # The requests that pass in the fifth minute of a client that asks ten times a second, by a clock of our own.
    global now
    throttle = throttled.Throttled(key="partner", using=using, quota=quota, store=throttled.MemoryStore())
    count = 0
    for tenth in range(5 * 600):
        if not throttle.limit().limited and tenth >= 4 * 600:
            count += 1
        now += 0.1
    return count


algorithms = ["token_bucket", "leaking_bucket", "gcra", "fixed_window", "sliding_window"]
with mock.patch("time.time", lambda: now), mock.patch("time.monotonic", lambda: now):
    table = {
        quota: [passed(using, f"{quota}/m") for using in algorithms] for quota in (59, 60, 100, 119, 120)}
for quota, counts in table.items():
    print(f"{quota} a minute:", ", ".join(f"{using} {count}" for using, count in zip(algorithms, counts)))
buckets = {quota: counts[:2] for quota, counts in table.items()}
assert all(abs(count - quota) <= 1 for quota, counts in table.items() for count in counts[2:])
assert buckets[60] == [60, 60] and buckets[120] == [120, 120]
assert buckets[59] == [30, 30] and buckets[100] == buckets[119] == [60, 60], "fractions of tokens are kept now"
assert throttled.Throttled(key="partner").limit().state.limit == 60, "the default is another one"
PYTHON
