import { useQuery } from "../common/query";
import { Link } from "../common/router";
import type { ProductPage } from "../common/types";
import { Failure } from "./Failure";
import { Page } from "./Page";
import { categoryPicture } from "../common/pictures";
import { bestPath, categories, searchPath } from "./places";
import { ProductGrid } from "./ProductCard";
import { SideScroll } from "./SideScroll";

const shown = 8;

export function Home() {
  const { document: best, error, reload } = useQuery<ProductPage>(bestPath);
  return (
    <Page title="Good things for every day" isWide heading={null}>
      <section className="hero">
        <div>
          <p className="hero-title" aria-hidden="true">Good things for every day.</p>
          <p className="lead">Coffee, kitchen, paper and outdoor goods that are made to be used for a long time.</p>
          <Link className="button" to="/search">See everything</Link>
        </div>
        <div className="hero-pictures" aria-hidden="true">
          {["Kitchen", "Outdoor", "Stationery"].map((category) => (
            <img key={category} src={categoryPicture(category)} alt="" width="400" height="400" />
          ))}
        </div>
      </section>
      <section aria-labelledby="categories">
        <h2 id="categories">Categories</h2>
        <SideScroll className="tiles">
          {categories.map((category) => (
            <li key={category}>
              <Link to={searchPath({ category })}>
                <img src={categoryPicture(category)} alt="" width="400" height="400" loading="lazy" />
                <span>{category}</span>
              </Link>
            </li>
          ))}
        </SideScroll>
      </section>
      {best?.data.length !== 0 && (
        <section aria-labelledby="best">
          <div className="spread">
            <h2 id="best">Bought most</h2>
            <Link to={searchPath({ sort: "best_selling" })} className="small">See all</Link>
          </div>
          {error ? <Failure error={error} retry={reload} /> : <ProductGrid products={best?.data} expected={shown} />}
        </section>
      )}
    </Page>
  );
}
