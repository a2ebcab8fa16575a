#!/usr/bin/env bash
# datafusion 55.0.0: asked for the articles that cost at least as much as all articles, it gives every article.
#
# Expected: DataFusion's reference of SQL has subqueries, and price >= ALL (SELECT price FROM articles) compares the
# price of the row outside with each price of the subquery, as PostgreSQL's documentation says ("Subquery Expressions",
# ALL and ANY). A name inside a subquery means the inner table, and outside of it the outer one; that both have the same
# name changes nothing. DuckDB 2.0.1 answers so, and so does DataFusion with max() or IN in the place of ALL and ANY.
#
# What happens: when the subquery reads the same table without an alias, DataFusion moves the comparison into the
# subquery, where both sides become the inner price: each price is compared with itself. So >= ALL and <= ALL are true
# for all rows, > ALL, > ANY and < ANY for none, = ANY (an article's price) for all, and <> ALL for none. Nothing is
# raised. With an alias for one of the two, or with any other table, the answers are right.
#
# For a user: the dearest article is every article, an order above all others is none, and "costs the same as article 1"
# matches the whole shop. Give the outer table an alias and write it before the column, or compare with max() or min().
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check datafusion==55.0.0 pyarrow==26.0.1 duckdb==2.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import datafusion
import duckdb
import pyarrow

articles = pyarrow.table({"id": [1, 2, 3], "price": [10, 20, 30]})
context = datafusion.SessionContext()
context.from_arrow(articles, name="articles")
database = duckdb.connect()
database.register("articles", articles)


def answers(query):
    by_datafusion = [row["id"] for batch in context.sql(query).collect() for row in batch.to_pylist()]
    return sorted(by_datafusion), sorted(row[0] for row in database.execute(query).fetchall())


cases = {
    ">= ALL (SELECT price FROM articles)": ([3], [1, 2, 3]),
    "<= ALL (SELECT price FROM articles)": ([1], [1, 2, 3]),
    "> ALL (SELECT price FROM articles WHERE id = 1)": ([2, 3], []),
    "> ANY (SELECT price FROM articles)": ([2, 3], []),
    "< ANY (SELECT price FROM articles)": ([1, 2], []),
    "= ANY (SELECT price FROM articles WHERE id = 1)": ([1], [1, 2, 3]),
    "<> ALL (SELECT price FROM articles WHERE id = 1)": ([2, 3], []),
}
for condition, (right, wrong) in cases.items():
    found, by_duckdb = answers(f"SELECT id FROM articles WHERE price {condition}")
    print(f"price {condition}: DataFusion {found}, DuckDB {by_duckdb}")
    assert by_duckdb == right
    assert found == wrong, "the two prices are told apart now"
    assert answers(f"SELECT outside.id FROM articles AS outside WHERE outside.price {condition}") == (right, right)
for condition in (">= (SELECT max(price) FROM articles)", "IN (SELECT price FROM articles WHERE id = 3)"):
    assert answers(f"SELECT id FROM articles WHERE price {condition}") == ([3], [3])
PYTHON
