import { Skeleton } from "../common/controls";
import { formatMoney } from "../common/money";
import { Link } from "../common/router";
import type { Product } from "../common/types";
import { productPicture } from "../common/pictures";

/** The lowest price of a product, said as such where it has several. */
export function priceText(product: Product): string {
  const prices = product.variants.map((variant) => variant.price);
  const lowest = prices.reduce((low, price) => (price.amount < low.amount ? price : low));
  return (prices.some((price) => price.amount !== lowest.amount) ? "from " : "") + formatMoney(lowest);
}

/** A product in a list. */
export function ProductCard({ product, isAhead }: { product: Product; isAhead: boolean }) {
  return (
    <li className="product">
      <Link to={`/products/${product.id}`}>
        <img
          src={productPicture(product)} alt="" width="400" height="400" loading={isAhead ? "eager" : "lazy"}
          decoding="async"
        />
        <span className="product-title">{product.title}</span>
        <span className="product-brand muted small">{product.brand}</span>
        <span className="product-price">{priceText(product)}</span>
      </Link>
    </li>
  );
}

/** A list of products; before it is there, the places of so many. */
export function ProductGrid({ products, expected }: { products: readonly Product[] | undefined; expected: number }) {
  return (
    <ul className="grid" aria-busy={products === undefined}>
      {products ? products.map((product, index) => <ProductCard key={product.id} product={product} isAhead={index < 4} />)
        : [...Array(expected).keys()].map((index) => (
          <li key={index} className="product">
            <span className="skeleton picture" />
            <span className="product-title"><Skeleton width="80%" /></span>
            <span className="product-brand small"><Skeleton width="50%" /></span>
            <span className="product-price"><Skeleton width="35%" /></span>
          </li>
        ))}
    </ul>
  );
}
