import { formatNumber } from "../../common/money";
import { useQuery } from "../../common/query";
import { Link } from "../../common/router";
import type { ProductPage } from "../../common/types";
import { RowSkeletons } from "../parts";

const shown = 8;

/** The products of which most units were ever sold. */
export function Best() {
  const { document: page } = useQuery<ProductPage>(`/api/v1/products?sort=best_selling&limit=${shown}`);
  const products = page?.data.filter((product) => product.units_sold > 0);
  const most = Math.max(1, ...products?.map((product) => product.units_sold) ?? []);
  return (
    <section className="card stack" aria-labelledby="best">
      <h2 id="best">Sold most ever</h2>
      {!products && <RowSkeletons />}
      {products?.length === 0 && <p className="muted">Nothing has been sold yet.</p>}
      <ol className="best">
        {products?.map((product) => (
          <li key={product.id}>
            <div className="spread small">
              <Link to={`/console/products/${product.id}`}>{product.title}</Link>
              <span className="number">{formatNumber(product.units_sold)}</span>
            </div>
            <svg className="meter" width="100%" height="6" aria-hidden="true">
              <rect className="rest" width="100%" height="6" rx="3" />
              <rect className="bar" width={`${(product.units_sold / most) * 100}%`} height="6" rx="3" />
            </svg>
          </li>
        ))}
      </ol>
    </section>
  );
}
