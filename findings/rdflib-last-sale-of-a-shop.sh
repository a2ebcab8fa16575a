#!/usr/bin/env bash
# rdflib 7.6.0: MAX and MIN of resources give a text in place of the resource, and what is joined with it is not found.
#
# Expected: SPARQL 1.1 defines Min and Max (18.5.1) as the first and the last member of the group in the order of ORDER
# BY, so that they take terms of any kind, and that order (15.1) has a place for IRIs. A member of the group that is an
# IRI is one in the answer, too. rdflib's own SAMPLE gives it, and pyoxigraph 0.5.13 does for MAX and MIN.
#
# What happens: rdflib picks the right member and makes a plain literal of it, with the IRI as text. A literal is never
# the subject of a triple, and never equal to an IRI. So a query around it finds nothing, nor does Python code that asks
# the graph about the value. No error or warning is given, and both print the same. Numbers, dates and texts with their
# language come out as they are.
#
# For a user: "the last sale of each shop and its amount", by the usual subquery with MAX(?sale), is empty, and a shop
# with sales looks like one without. Write IRI(?last) in a BIND between, or FILTER NOT EXISTS a later sale.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pyoxigraph==0.5.13 rdflib==7.6.0
"$folder/venv/bin/python" - <<'PYTHON'
import pyoxigraph
import rdflib

prefix = "PREFIX s: <urn:shop:> "
shop = """@prefix s: <urn:shop:> .
s:sale-001 s:at s:north ; s:cents 500 .
s:sale-002 s:at s:south ; s:cents 300 .
s:sale-003 s:at s:north ; s:cents 700 .
"""
store, graph = pyoxigraph.Store(), rdflib.Graph()
store.load(shop.encode(), format=pyoxigraph.RdfFormat.TURTLE)
graph.parse(data=shop, format="turtle")


def answers(query):
    theirs = [[term.value for term in row] for row in store.query(prefix + query)]
    return sorted([str(term) for term in row] for row in graph.query(prefix + query)), sorted(theirs)


newest = "SELECT ?shop (MAX(?sale) AS ?last) WHERE { ?sale s:at ?shop } GROUP BY ?shop"
last, first = f"{{ {newest} }}", f"{{ {newest.replace('MAX', 'MIN').replace('last', 'first')} }}"
right = [["urn:shop:north", "700"], ["urn:shop:south", "300"]]
amounts = answers(f"SELECT ?shop ?cents WHERE {{ {last} ?last s:cents ?cents }}")
print("rdflib", rdflib.__version__, amounts[0], "pyoxigraph", pyoxigraph.__version__, amounts[1])
assert amounts[1] == right
assert amounts[0] == [], "MAX of resources is a resource now"
assert answers(f"SELECT ?cents WHERE {{ {first} ?first s:cents ?cents }}") == ([], [["300"], ["500"]])
alone = answers(newest)
assert alone[0] == alone[1] == [["urn:shop:north", "urn:shop:sale-003"], ["urn:shop:south", "urn:shop:sale-002"]]
for term in (row.last for row in graph.query(prefix + newest)):
    print(repr(term), "amount:", graph.value(term, rdflib.URIRef("urn:shop:cents")))
    assert isinstance(term, rdflib.Literal) and graph.value(term, rdflib.URIRef("urn:shop:cents")) is None

safe = f"SELECT ?shop ?cents WHERE {{ {last} BIND(IRI(?last) AS ?sale) ?sale s:cents ?cents }}"
none_later = "FILTER NOT EXISTS { ?later s:at ?shop FILTER(STR(?later) > STR(?sale)) }"
assert answers(safe) == (right, right)
assert answers(f"SELECT ?shop ?cents WHERE {{ ?sale s:at ?shop ; s:cents ?cents {none_later} }}") == (right, right)
one = "{ SELECT (SAMPLE(?sale) AS ?last) WHERE { ?sale s:at s:south } }"
assert answers(f"SELECT ?cents WHERE {{ {one} ?last s:cents ?cents }}") == ([["300"]], [["300"]])
most = "{ SELECT (MAX(?cents) AS ?most) WHERE { ?sale s:cents ?cents } }"
assert answers(f"SELECT ?sale WHERE {{ {most} ?sale s:cents ?most }}")[0] == [["urn:shop:sale-003"]]
PYTHON
