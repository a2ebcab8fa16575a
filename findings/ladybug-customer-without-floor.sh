#!/usr/bin/env bash
# ladybug 0.22.0 (the graph database that goes on from Kuzu): OPTIONAL MATCH finds nothing for a node whose property in
# the WHERE is NULL, even inside coalesce() or IS NULL.
#
# Expected: the documentation ("Optional Match") describes a left outer join of what MATCH and OPTIONAL MATCH find, on
# the variables that both have, here the customer; and "Subqueries" says that EXISTS asks whether the pattern has one
# match. The WHERE belongs to the pattern and is decided for each pair of customer and sale: coalesce(c.floor, 0) is 0
# where there is no floor. A plain MATCH with the same WHERE finds these sales.
#
# What happens: each property of the outer node that the inner WHERE names becomes a key of the join beside the node
# itself (the plan says so: Keys: c.floor, c._ID), and NULL equals nothing there. So the customer stays in the answer,
# with NULL for the sales; EXISTS is false, NOT EXISTS true and COUNT 0. No error or warning is given. The property
# brought along by WITH does the same; with coalesce(c.floor, 0) AS floor in the WITH, the answer is right.
#
# For a user: customers without a floor, discount or voucher of their own have no turnover, and a search for customers
# without a sale lists those who bought. Take the default in a WITH before, and compare with that.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check ladybug==0.22.0
"$folder/venv/bin/python" - <<'PYTHON'
import ladybug

customers = {"Ada": 500, "Bob": None, "Cyd": None}
sales = [("Ada", 900), ("Ada", 400), ("Bob", 700), ("Bob", 100)]
shop = ladybug.Connection(ladybug.Database(":memory:"))
shop.execute("CREATE NODE TABLE Customer (name STRING, floor INT64, PRIMARY KEY (name))")
shop.execute("CREATE NODE TABLE Sale (id INT64, cents INT64, PRIMARY KEY (id))")
shop.execute("CREATE REL TABLE Placed (FROM Customer TO Sale)")
for name, floor in customers.items():
    shop.execute("CREATE (:Customer {name: $name, floor: $floor})", {"name": name, "floor": floor})
for number, (name, cents) in enumerate(sales):
    text = "MATCH (c:Customer) WHERE c.name = $name CREATE (c)-[:Placed]->(:Sale {id: $id, cents: $cents})"
    shop.execute(text, {"name": name, "id": number, "cents": cents})


def rows(text):
    result, found = shop.execute(text), []
    while result.has_next():
        found.append([value if value is None or isinstance(value, str) else int(value) for value in result.get_next()])
    return sorted(found)


sale, large = "(c)-[:Placed]->(s:Sale)", "s.cents >= coalesce(c.floor, 0)"
right = []
for name, floor in customers.items():
    turnover = [cents for who, cents in sales if who == name and cents >= (floor or 0)]
    right.append([name, sum(turnover) if turnover else None])
wrong = [["Ada", 900], ["Bob", None], ["Cyd", None]]
asked = rows(f"MATCH (c:Customer) OPTIONAL MATCH {sale} WHERE {large} RETURN c.name, sum(s.cents)")
print("ladybug", ladybug.__version__, asked, "by hand", right)
assert right == [["Ada", 900], ["Bob", 800], ["Cyd", None]]
assert asked == wrong, "a property that is NULL finds its matches now"
assert rows(f"MATCH (c:Customer), {sale} WHERE {large} RETURN c.name, sum(s.cents)") == right[:2]
default = "MATCH (c:Customer) WITH c, coalesce(c.floor, 0) AS floor"
assert rows(f"{default} OPTIONAL MATCH {sale} WHERE s.cents >= floor RETURN c.name, sum(s.cents)") == right
early = "MATCH (c:Customer) WITH c, c.floor AS floor"
given = rows(f"{early} OPTIONAL MATCH {sale} WHERE s.cents >= coalesce(floor, 0) RETURN c.name, sum(s.cents)")
assert given == wrong

pattern = f"{{ MATCH {sale} WHERE c.floor IS NULL }}"
without = rows(f"MATCH (c:Customer) WHERE NOT EXISTS {pattern} RETURN c.name")
counted = rows(f"MATCH (c:Customer) RETURN c.name, COUNT {pattern}")
print("no sale without a floor:", without, "counted:", counted)
assert without == [["Ada"], ["Bob"], ["Cyd"]], "EXISTS finds a property that is NULL now"
assert counted == [["Ada", 0], ["Bob", 0], ["Cyd", 0]]
assert rows(f"MATCH (c:Customer), {sale} WHERE c.floor IS NULL RETURN c.name, count(*)") == [["Bob", 2]]
PYTHON
