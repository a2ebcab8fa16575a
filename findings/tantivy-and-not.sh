#!/usr/bin/env bash
# tantivy 0.27.0 (Python's package of the search engine): `mug AND NOT red` finds nothing, and `mug AND -red` the mugs
# that are not red.
#
# Expected: parse_query() follows tantivy's query language, which has AND, OR, parentheses, and a minus for a term that
# must not be there. It takes NOT as well: `mug NOT red` finds what `mug -red` does. Its maintainers write (issue 1980)
# that a query of NOT alone is refused, and that `some_term AND NOT query` is allowed. So NOT means behind AND what it
# means without it, and what the minus means in both places.
#
# What happens: behind AND or before it, NOT becomes a query of its own that must match and has nothing but an
# exclusion; such a query matches no document. So the answer is empty, whatever the excluded word is, even one that no
# document has. No error is raised, as there is for NOT alone. `mug OR NOT red` finds the mugs only.
# conjunction_by_default makes no difference to any of this.
#
# For a user: a search page that passes on what customers type, or a report that builds its query from parts joined by
# AND, shows no results as soon as one part has NOT. Write a minus in the place of NOT, or put the exclusion into
# parentheses together with everything: AND (* -red).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check tantivy==0.27.0
"$folder/venv/bin/python" - <<'PYTHON'
import tantivy

names = ["red mug", "blue mug", "red plate", "green mug"]
builder = tantivy.SchemaBuilder()
builder.add_text_field("name", stored=True)
index = tantivy.Index(builder.build())
writer = index.writer()
for name in names:
    document = tantivy.Document()
    document.add_text("name", name)
    writer.add_document(document)
writer.commit()
index.reload()
searcher = index.searcher()


def found(query, **options):
    hits = searcher.search(index.parse_query(query, ["name"], **options), len(names)).hits
    return sorted(searcher.doc(address)["name"][0] for score, address in hits)


right = ["blue mug", "green mug"]
for options in ({}, {"conjunction_by_default": True}):
    for query in ("mug -red", "mug NOT red", "mug AND -red", "-red AND mug", "mug AND (* -red)"):
        print(f"{query}: {found(query, **options)}")
        assert found(query, **options) == right
    for query in ("mug AND NOT red", "NOT red AND mug", "mug AND (NOT red)", "mug AND NOT unicorn"):
        print(f"{query}: {found(query, **options)}")
        assert found(query, **options) == [], "NOT is taken behind AND now"
    assert found("mug AND -unicorn", **options) == ["blue mug", "green mug", "red mug"]
    assert found("mug OR NOT red", **options) == ["blue mug", "green mug", "red mug"]
try:
    found("NOT red")
except ValueError as error:
    print("NOT red:", error)
else:
    raise SystemExit("NOT alone is taken now")
PYTHON
