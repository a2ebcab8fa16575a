#!/usr/bin/env bash
# dictdiffer 0.10.0: revert() brings the lines that were taken off a list's end back in another order, once there are
# three of them.
#
# Expected: the documentation of dictdiffer says that revert() undoes a difference: revert(diff(first, second), second)
# is first, which it shows by an example. Lists are compared place by place there, so that the order is part of the
# value, and patch(diff(first, second), first) is second in each case below. jsonpatch 1.48 finds the way back too.
#
# What happens: what is removed is written down from the last place to the first, as removing needs it. revert() makes
# insertions of it without turning the sequence round, and what is inserted beyond the end goes to the end. Of a, b and
# c, all of them removed, come back a, c and b; of a, b, c and d, cut down to a, come back a, b, d and c. With two lines
# it is right. Of all pairs of lists of up to four lines out of four, 144 in 4225 come back in a wrong order. None is
# ever missing, so that a check by number or by total passes.
#
# For a user: an undo, or the state before an event that is rebuilt from the state after it, has the right lines at the
# wrong places: the stops of a route, the steps of a promotion, the lines of an address. Keep the difference of the
# other direction, diff(second, first), which is right for all of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check dictdiffer==0.10.0 jsonpatch==1.48
"$folder/venv/bin/python" - <<'PYTHON'
import itertools

import jsonpatch
from dictdiffer import diff, patch, revert


def order(names):
    return {"lines": list(names)}


cases = {("abc", ""): "acb", ("abcd", "a"): "abdc", ("abcde", "ab"): "abced", ("abc", "a"): "abc", ("ab", ""): "ab"}
for (first, second), expected in cases.items():
    changes = list(diff(order(first), order(second)))
    back = "".join(revert(changes, order(second))["lines"])
    print(f"{first!r} -> {second!r}: {changes}, reverted to {back!r}")
    assert back == expected, "the order is kept now"

chosen = itertools.chain.from_iterable(itertools.permutations("abcd", count) for count in range(5))
orders = [order(names) for names in chosen]
disordered = 0
for old, new in itertools.product(orders, orders):
    back = revert(diff(old, new), new)
    disordered += back != old
    assert sorted(back["lines"]) == sorted(old["lines"]), "a line is missing"
    assert patch(diff(old, new), old) == new
    assert patch(diff(new, old), new) == jsonpatch.make_patch(new, old).apply(new) == old
print(f"of {len(orders) ** 2} pairs of lists {disordered} are reverted to another order")
assert disordered == 144, "other pairs are wrong now"
PYTHON
