import { Link } from "../common/router";
import { Page } from "./Page";

/** What is shown where nothing is. */
export function Missing() {
  return (
    <Page title="There is nothing here">
      <p className="lead">The page may have moved, or the product is no longer sold.</p>
      <p><Link className="button" to="/search">See all products</Link></p>
    </Page>
  );
}
