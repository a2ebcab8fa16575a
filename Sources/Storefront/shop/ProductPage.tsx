import { useState } from "react";
import { Button, Notice, Skeleton } from "../common/controls";
import { formatMoney } from "../common/money";
import { explain, Problem } from "../common/problem";
import { useQuery } from "../common/query";
import { Link } from "../common/router";
import { toast } from "../common/toast";
import type { Product, ProductPage as ProductList, Variant } from "../common/types";
import { quantityMax } from "./cart";
import { addToCart } from "./cartChanges";
import { Failure } from "./Failure";
import { Page } from "./Page";
import { productPicture } from "../common/pictures";
import { productPath, searchPath } from "./places";
import { ProductGrid } from "./ProductCard";
import { Quantity } from "./Quantity";
import { Missing } from "./Missing";
import { StockBadge, useAvailability } from "./Stock";
import { VariantChoice } from "./VariantChoice";

export function ProductPage({ id }: { id: string }) {
  const { document: product, error, reload } = useQuery<Product>(productPath(id));
  if (error instanceof Problem && (error.status === 404 || error.status === 422)) return <Missing />;
  if (error && !product) return <Page title="Product"><Failure error={error} retry={reload} /></Page>;
  return (
    <Page title={product?.title ?? "Product"} heading={null} isWide>
      <nav className="crumbs small muted" aria-label="Breadcrumbs">
        <Link to="/">Shop</Link>
        {product && steps(product.category).map(({ name, category }) => <Link key={category} to={searchPath({ category })}>{name}</Link>)}
      </nav>
      {product ? <Details product={product} /> : <Placeholder />}
      <More category={product?.category} id={id} />
    </Page>
  );
}

/** The categories above a product, from the widest to its own. */
function steps(category: string): { name: string; category: string }[] {
  const names = category.split("/").filter(Boolean);
  return names.map((name, place) => ({ name, category: names.slice(0, place + 1).join("/") }));
}

/** The parts of a text between empty lines. */
const paragraphs = (text: string): string[] => text.replace(/\r\n?/g, "\n").split(/\n[ \t]*(?:\n[ \t]*)+/).filter((part) => part.trim() !== "");

function Details({ product }: { product: Product }) {
  const [variant, setVariant] = useState<Variant>(product.variants[0] as Variant);
  return (
    <div className="detail">
      <img className="picture" src={productPicture(product, variant)} alt={product.title} width="400" height="400" />
      <div className="stack">
        <div>
          <p className="muted">{product.brand}</p>
          <p className="detail-title" aria-hidden="true">{product.title}</p>
        </div>
        <p className="detail-price">{formatMoney(variant.price)}</p>
        {paragraphs(product.description).map((text, place) => <p key={place} className="lines">{text}</p>)}
        {product.variants.length > 1 && <VariantChoice variants={product.variants} chosen={variant} choose={setVariant} />}
        <Purchase key={variant.sku} product={product} variant={variant} />
        <Facts product={product} variant={variant} />
      </div>
    </div>
  );
}

function Purchase({ product, variant }: { product: Product; variant: Variant }) {
  const available = useAvailability(variant.sku);
  const [quantity, setQuantity] = useState(1);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const add = async () => {
    setBusy(true);
    setFault("");
    try {
      await addToCart(variant.sku, quantity);
      toast(<span>{`${product.title} is in the cart. `}<Link to="/cart">See the cart</Link></span>);
    } catch (error) {
      setFault(explain(error));
    } finally {
      setBusy(false);
    }
  };
  const most = Math.min(available ?? quantityMax, quantityMax);
  return (
    <div className="stack">
      <div aria-live="polite"><StockBadge available={available} /></div>
      <div className="row">
        <Quantity value={quantity} max={Math.max(1, most)} change={setQuantity} label={product.title} />
        <Button className="grow" isBusy={isBusy} disabled={available === 0} onClick={() => void add()}>Add to cart</Button>
      </div>
      {fault !== "" && <Notice tone="bad">{fault}</Notice>}
    </div>
  );
}

function Facts({ product, variant }: { product: Product; variant: Variant }) {
  const facts = { ...product.attributes, ...variant.attributes };
  return (
    <dl className="facts">
      {Object.entries(facts).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
      <div><dt>article</dt><dd>{variant.sku}</dd></div>
    </dl>
  );
}

function Placeholder() {
  return (
    <div className="detail" aria-busy="true">
      <span className="skeleton picture" />
      <div className="stack">
        <Skeleton width="30%" /><Skeleton width="70%" height="2.2rem" /><Skeleton width="20%" height="1.5rem" />
        <Skeleton height="3rem" /><Skeleton height="44px" />
      </div>
    </div>
  );
}

const moreShown = 4;

function More({ category, id }: { category: string | undefined; id: string }) {
  const path = category && `/api/v1/products?category=${encodeURIComponent(category)}&limit=${moreShown + 1}`;
  const { document: page } = useQuery<ProductList>(path ?? null);
  const others = page?.data.filter((product) => product.id !== id).slice(0, moreShown);
  if (others?.length === 0) return null;
  return (
    <section aria-labelledby="more">
      <h2 id="more">Goes well with it</h2>
      <ProductGrid products={others} expected={moreShown} />
    </section>
  );
}
