import { Skeleton } from "../common/controls";
import { useQuery } from "../common/query";
import { Link } from "../common/router";
import type { ProductPage, Variant } from "../common/types";
import { productPicture } from "../common/pictures";
import { type Sold, soldOf, soldPath } from "./sold";

/** The product that has a SKU. */
export function useSold(sku: string): Sold & { isLoading: boolean } {
  const { document, isLoading } = useQuery<ProductPage>(soldPath(sku));
  return { ...soldOf(sku, document), isLoading };
}

export const variantText = (variant: Variant | undefined): string =>
  variant ? variant.title ?? Object.values(variant.attributes).join(", ") : "";

/** The picture and the name of what a line of a cart or an order is about. */
export function LineSummary({ sku, note }: { sku: string; note?: string }) {
  const { product, variant, isLoading } = useSold(sku);
  const title = product?.title ?? (isLoading ? <Skeleton width="12ch" /> : sku);
  return (
    <>
      {product ? <img src={productPicture(product, variant)} alt="" width="400" height="400" className="thumb" />
        : <span className="skeleton thumb" />}
      <div className="line-text">
        {product ? <Link to={`/products/${product.id}`}>{title}</Link> : <span>{title}</span>}
        <span className="muted small">{variantText(variant)}</span>
        {note !== undefined && <span className="muted small">{note}</span>}
      </div>
    </>
  );
}
