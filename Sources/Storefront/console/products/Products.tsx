import type { FormEvent } from "react";
import { Badge, Button, formValues, SelectField, Table, TextField } from "../../common/controls";
import { formatMoney, formatNumber, formatTime } from "../../common/money";
import { Link, navigate, usePlace } from "../../common/router";
import type { Product } from "../../common/types";
import { useList } from "../asking";
import { Empty, Failure, Page, RowSkeletons } from "../parts";

const sorts = [
  ["relevance", "Best match"], ["newest", "Newest"], ["best_selling", "Best selling"], ["title", "Title"],
] as const;

/** The catalogue, with what is not on sale. */
export function Products() {
  const { query } = usePlace();
  const asked = new URLSearchParams({ limit: "50", include_inactive: "true", sort: query.get("sort") ?? "relevance" });
  const words = query.get("q");
  if (words) asked.set("q", words);
  const list = useList<Product>(`/api/v1/products?${asked}`);
  const show = (name: string, value: string | undefined) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    navigate(`/console/products${next.toString() && `?${next}`}`, { keepsScroll: true });
  };
  const search = (event: FormEvent<HTMLFormElement>) => show("q", formValues(event).q);
  const actions = (
    <>
      <Link className="button quiet" to="/console/products/import">Import</Link>
      <Link className="button main" to="/console/products/new">New product</Link>
    </>
  );
  return (
    <Page title="Products" actions={actions}>
      <div className="filters">
        <form className="search" role="search" onSubmit={search} key={words}>
          <TextField label="Words or SKU" name="q" type="search" defaultValue={words ?? ""} maxLength={200} />
          <Button type="submit" look="quiet">Search</Button>
        </form>
        <SelectField label="Order" value={query.get("sort") ?? "relevance"} onChange={(event) => show("sort", event.target.value)}>
          {sorts.map(([sort, title]) => <option key={sort} value={sort}>{title}</option>)}
        </SelectField>
      </div>
      {list.error !== undefined && <Failure error={list.error} onRetry={list.reload} />}
      {list.elements ? <ProductTable products={list.elements} /> : list.error === undefined && <RowSkeletons rows={12} />}
      {list.hasMore && <div><Button look="quiet" isBusy={list.isLoading} onClick={list.more}>Show more</Button></div>}
    </Page>
  );
}

function prices({ variants }: Product): string {
  const sorted = variants.map((variant) => variant.price).sort((one, other) => one.amount - other.amount);
  const [low, high] = [sorted[0], sorted[sorted.length - 1]];
  if (!low || !high) return "–";
  return low.amount === high.amount ? formatMoney(low) : `${formatMoney(low)} – ${formatMoney(high)}`;
}

function ProductTable({ products }: { products: readonly Product[] }) {
  if (products.length === 0) return <Empty>No product matches.</Empty>;
  return (
    <Table caption="Products" rows={products} rowKey={(product) => product.id} columns={[
      { title: "Title", cell: (product) => <Link className="name" to={`/console/products/${product.id}`}>{product.title}</Link> },
      { title: "Price", isNumber: true, cell: (product) => <span className="nowrap">{prices(product)}</span> },
      { title: "Sold", isNumber: true, cell: (product) => formatNumber(product.units_sold) },
      { title: "State", cell: (product) => (product.active ? <Badge tone="good">On sale</Badge> : <Badge>Off sale</Badge>) },
      { title: "Category", cell: (product) => product.category || "–" },
      { title: "Variants", isNumber: true, cell: (product) => product.variants.length },
      { title: "Changed", cell: (product) => <span className="nowrap">{formatTime(product.updated_at, "short")}</span> },
    ]} />
  );
}
