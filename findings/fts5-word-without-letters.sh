#!/usr/bin/env bash
# SQLite FTS5 (apsw 3.54.1.0, which carries SQLite 3.54.1): AND between two terms is not what a space between them is,
# once a term has neither a letter nor a digit.
#
# Expected: the documentation of FTS5 ("Full-text Query Syntax", boolean operators) says that terms written after one
# another are joined by an implicit AND, which differs from the written one in how tightly it binds. A search box may
# then join its quoted words by a space or by AND, and `salt & pepper` finds the same products either way.
#
# What happens: a quoted term that the tokenizer leaves empty ("&", "-", "/") is dropped without a word where a space
# joins it, and matches no row at all where AND joins it. `"salt" "&" "pepper"` finds both products,
# `"salt" AND "&" AND "pepper"` finds none. Brackets bring the dropping back: `"salt" AND ("&" "pepper")` finds both.
#
# For a user: a search that joins words by AND finds nothing for "salt & pepper", "black / white" or "t-shirt - red".
# Join them by spaces, or drop the words without letters and digits before the query is built. A query of nothing but
# such words finds nothing either way.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check apsw==3.54.1.0
"$folder/venv/bin/python" - <<'PYTHON'
import apsw

shop = apsw.Connection(":memory:")
shop.execute("CREATE VIRTUAL TABLE products USING fts5(title)")
for title in ("salt & pepper mill", "pepper and salt set", "salt"):
    shop.execute("INSERT INTO products VALUES (?)", (title,))


def found(query):
    titles = [title for (title,) in shop.execute("SELECT title FROM products(?) ORDER BY rowid", (query,))]
    print(f"{query:32} {titles}")
    return titles


both = ["salt & pepper mill", "pepper and salt set"]
everything = both + ["salt"]
# Without an empty term, the two ways to join are one.
same = found('"salt" "pepper"') == both and found('"salt" AND "pepper"') == both
spaces = found('"salt" "&" "pepper"') == both
words = found('"salt" AND "&" AND "pepper"') == []
nested = found('"salt" AND ("&" "pepper")') == both
negated = found('"salt" NOT "&"') == everything
alone = found('"&"') == []
raise SystemExit(0 if same and spaces and words and nested and negated and alone else "the behaviour has changed")
PYTHON
