import { useState } from "react";
import { client } from "../common/client";
import { Button, SelectField, Skeleton } from "../common/controls";
import { formatNumber } from "../common/money";
import { useQuery } from "../common/query";
import { Link, navigate, usePlace } from "../common/router";
import type { Product, ProductPage } from "../common/types";
import { useAttempt } from "./attempt";
import { FacetPanel } from "./FacetPanel";
import { Failure } from "./Failure";
import { Page } from "./Page";
import { productsPath, searchPath, type SearchTerms, searchTerms } from "./places";
import { ProductGrid } from "./ProductCard";

const sorts = {
  relevance: "Best match", best_selling: "Bought most", newest: "Newest", price_asc: "Price, low to high",
  price_desc: "Price, high to low", title: "Name",
};

const heading = ({ q, category, brand }: SearchTerms): string =>
  q ? `Results for “${q}”` : category ?? brand ?? "All products";

/** Products by category, words and facets. What is chosen stands in the place, so that back and a link lead to it. */
export function Browse() {
  const { query, isDrawnAhead } = usePlace();
  const terms = searchTerms(query);
  const asked = productsPath(query);
  const { document: first, error, reload } = useQuery<ProductPage>(asked);
  const change = (more: SearchTerms) => navigate(searchPath({ ...terms, ...more }), { keepsScroll: true });

  return (
    <Page title={heading(terms)} {...(isDrawnAhead ? { heading: <Skeleton width="6em" height="1.2em" /> } : {})} isWide>
      <div className="browse">
        <FacetPanel facets={first?.facets} terms={terms} change={change} />
        <section aria-label="Products">
          <div className="spread browse-head">
            <p className="muted" role="status">{first ? summary(first) : " "}</p>
            <div className="sort">
              <SelectField label="Sort by" value={terms.sort ?? "relevance"} onChange={(event) => change({ sort: event.target.value })}>
                {Object.entries(sorts).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
              </SelectField>
            </div>
          </div>
          {error ? <Failure error={error} retry={reload} /> : first?.data.length === 0 ? <Nothing terms={terms} />
            : <Pages key={asked} first={first} asked={asked} />}
        </section>
      </div>
    </Page>
  );
}

const summary = ({ total, total_is_exact, forgave_typos }: ProductPage): string =>
  `${formatNumber(total)}${total_is_exact ? "" : "+"} ${total === 1 ? "product" : "products"}`
  + (forgave_typos ? ", with the spelling forgiven" : "");

function Nothing({ terms: { q, sort, ...filters } }: { terms: SearchTerms }) {
  const isFiltered = Object.values(filters).some(Boolean);
  if (!q && !isFiltered) return <p className="lead">There are no products yet.</p>;
  return (
    <div className="stack">
      <p className="lead">{`Nothing matches${q ? ` “${q}”` : ""}${isFiltered ? " with what is chosen" : ""}.`}</p>
      <p>
        {isFiltered ? <Link className="button quiet" to={searchPath({ q: q ?? "", sort: sort ?? "" })}>Take all filters away</Link>
          : <Link className="button quiet" to="/search">See all products</Link>}
      </p>
    </div>
  );
}

/** The first page and those that the reader has asked for after it. */
function Pages({ first, asked }: { first: ProductPage | undefined; asked: string }) {
  const [later, setLater] = useState<Product[]>([]);
  const [cursor, setCursor] = useState<string | null | undefined>(undefined);
  const { error, isBusy, run } = useAttempt();
  const next = cursor === undefined ? first?.next_cursor ?? null : cursor;
  const showMore = () => run(async () => {
    const page = await client.get<ProductPage>(`${asked}&cursor=${encodeURIComponent(next ?? "")}`);
    setLater((products) => [...products, ...page.data]);
    setCursor(page.next_cursor);
  });
  return (
    <>
      <ProductGrid products={first && [...first.data, ...later]} expected={12} />
      {error !== undefined && <Failure error={error} retry={showMore} />}
      {next !== null && error === undefined && (
        <p className="more"><Button look="quiet" isBusy={isBusy} onClick={showMore}>Show more</Button></p>
      )}
    </>
  );
}
