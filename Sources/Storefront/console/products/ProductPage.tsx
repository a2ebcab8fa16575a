import { useEffect, useState } from "react";
import { client } from "../../common/client";
import { Badge, Skeleton } from "../../common/controls";
import { formatNumber, formatTime } from "../../common/money";
import { Problem } from "../../common/problem";
import { useQuery } from "../../common/query";
import { Link, navigate } from "../../common/router";
import { toast } from "../../common/toast";
import type { Product } from "../../common/types";
import { useAction, usePostOnce } from "../asking";
import { useOnEvent } from "../feed";
import { Failure, Page } from "../parts";
import { Conflict } from "./Conflict";
import { type Draft, draftOf, emptyDraft } from "./draft";
import { type Faults, makeProduct } from "./makeProduct";
import { ProductForm } from "./ProductForm";

const above = <Link to="/console/products">Products</Link>;

/** What is said about a product, to be changed: against the version that was read, so that no change of another gets lost. */
export function ProductPage({ id }: { id: string }) {
  const query = useQuery<Product>(`/api/v1/products/${encodeURIComponent(id)}`);
  return (
    <Page title={query.document?.title ?? "Product"} above={above}>
      {query.error !== undefined && <Failure error={query.error} onRetry={query.reload} />}
      {query.isLoading && <Skeleton height="640px" />}
      {query.document && <Editor product={query.document} tag={query.tag} reload={query.reload} />}
    </Page>
  );
}

interface EditorProperties {
  product: Product;
  tag: string | null;
  reload: () => void;
}

function Editor({ product, tag, reload }: EditorProperties) {
  /** The version that the draft was made of. */
  const [base, setBase] = useState({ product, tag });
  const [draft, setDraft] = useState<Draft>(() => draftOf(product));
  const [faults, setFaults] = useState<Faults>({});
  const action = useAction();
  useOnEvent((event) => event.subject === product.id, reload);

  const isChanged = JSON.stringify(draft) !== JSON.stringify(draftOf(base.product));
  const isBehind = product.version > base.product.version;
  useEffect(() => {
    if (!isBehind || isChanged) return;
    setBase({ product, tag });
    setDraft(draftOf(product));
  }, [isBehind, isChanged, product, tag]);

  const save = async () => {
    const made = makeProduct(draft);
    setFaults("faults" in made ? made.faults : {});
    if (!("product" in made)) return;
    await action.run(async () => {
      const answer = await client.ask<Product>("PUT", `/api/v1/products/${product.id}`, { body: made.product, ifMatch: base.tag ?? undefined });
      setBase({ product: answer.document, tag: answer.tag });
      setDraft(draftOf(answer.document));
      toast("The product is saved.");
    });
    reload();
  };
  const isRefused = action.error instanceof Problem && action.error.code === "version_mismatch";
  const takeTheirs = () => {
    setBase({ product, tag });
    setDraft(draftOf(product));
    action.clear();
  };
  const keepMine = () => {
    setBase({ product, tag });
    action.clear();
  };

  return (
    <>
      <div className="row small muted">
        {product.active ? <Badge tone="good">On sale</Badge> : <Badge>Off sale</Badge>}
        <span>{formatNumber(product.units_sold)} sold</span>
        <span>Version {product.version}, changed {formatTime(product.updated_at, "short")}</span>
      </div>
      {isChanged && isBehind && (
        <Conflict mine={draft} theirs={draftOf(product)} base={draftOf(base.product)} isRefused={isRefused}
          onTakeTheirs={takeTheirs} onKeepMine={keepMine} />
      )}
      {action.error !== undefined && !(isRefused && isBehind) && <Failure error={action.error} />}
      <ProductForm draft={draft} onChange={setDraft} faults={{ ...fieldFaults(action.error), ...faults }} isBusy={action.isBusy}
        canSave={isChanged} onSave={() => void save()} onUndo={() => setDraft(draftOf(base.product))} />
    </>
  );
}

/** What the gateway found wrong, by the place in the body. */
function fieldFaults(error: unknown): Faults {
  if (!(error instanceof Problem)) return {};
  return Object.fromEntries((error.document.errors ?? []).map((one) => [one.pointer.replace(/\/price\/amount$/, "/price"), one.detail]));
}

/** A product that is to be. */
export function NewProduct() {
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [faults, setFaults] = useState<Faults>({});
  const [takesOverStock, setTakesOverStock] = useState(false);
  const action = useAction();
  const postOnce = usePostOnce();
  const save = async () => {
    const made = makeProduct(draft);
    setFaults("faults" in made ? made.faults : {});
    if (!("product" in made)) return;
    await action.run(async () => {
      const body = takesOverStock ? { ...made.product, take_over_stock: true } : made.product;
      const created = await postOnce<Product>("/api/v1/products", body);
      toast("The product is created.");
      navigate(`/console/products/${created.id}`);
    });
  };
  const hasStock = action.error instanceof Problem && action.error.code === "sku_in_stock";
  return (
    <Page title="New product" above={above}>
      {action.error !== undefined && <Failure error={action.error} />}
      {(hasStock || takesOverStock) && (
        <label className="check">
          <input type="checkbox" checked={takesOverStock} onChange={(event) => setTakesOverStock(event.target.checked)} /> Take over the units that are on hand
        </label>
      )}
      <ProductForm draft={draft} onChange={setDraft} faults={{ ...fieldFaults(action.error), ...faults }} isBusy={action.isBusy}
        canSave onSave={() => void save()} onUndo={() => setDraft(emptyDraft)} />
    </Page>
  );
}
