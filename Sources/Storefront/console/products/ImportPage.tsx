import { type ChangeEvent, type MouseEvent, useEffect, useRef, useState } from "react";
import { Button, Notice, Table } from "../../common/controls";
import { formatNumber } from "../../common/money";
import { Link } from "../../common/router";
import { useAction } from "../asking";
import { Failure, Page } from "../parts";
import { type CatalogueFile, readCatalogue, type RowFault } from "./catalogue";
import { importProducts, type Progress } from "./importing";

/** Takes in a catalogue file: it is read and checked here, then sent in batches. */
export function ImportPage() {
  const [file, setFile] = useState<CatalogueFile | null>(null);
  const [readingFault, setReadingFault] = useState<string>();
  const [progress, setProgress] = useState<Progress | null>(null);
  const action = useAction();
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);

  const read = async (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.target.files?.[0];
    setFile(null);
    setProgress(null);
    setReadingFault(undefined);
    action.clear();
    if (!chosen) return;
    try {
      setFile(readCatalogue(await chosen.text()));
    } catch (error) {
      setReadingFault(error instanceof Error ? error.message : "The file cannot be read.");
    }
  };
  const start = async () => {
    if (!file) return;
    stop.current = new AbortController();
    setProgress({ done: 0, created: 0, present: 0, received: 0, faults: [] });
    await action.run(() => importProducts(file.products, stop.current.signal, setProgress));
  };
  const isDone = file !== null && progress !== null && progress.done === file.products.length;
  const faults = [...file?.faults ?? [], ...progress?.faults ?? []];

  return (
    <Page title="Import products" above={<Link to="/console/products">Products</Link>}>
      <section className="card stack" aria-label="File">
        <p>
          A file of comma-separated values with the columns <code>sku</code>, <code>title</code>, <code>price</code> and <code>currency</code>,
          and if you like <code>handle</code>, <code>description</code>, <code>brand</code>, <code>category</code>, <code>quantity</code>,
          {" "}<code>attributes</code>, <code>image_urls</code> and <code>active</code>. Rows of one handle are the variants of one product.
        </p>
        <div className="field">
          <label htmlFor="file">File</label>
          <input id="file" type="file" accept=".csv,text/csv" disabled={action.isBusy} onClick={forget} onChange={(event) => void read(event)} />
        </div>
        {readingFault !== undefined && <Notice tone="bad">{readingFault}</Notice>}
        {file && (
          <Notice tone={file.faults.length > 0 ? "warn" : "plain"}>
            {formatNumber(file.rowCount)} rows: {formatNumber(file.products.length)} products can be imported
            {file.faults.length > 0 && <>, {formatNumber(file.faults.length)} rows cannot</>}.
          </Notice>
        )}
        <div className="row">
          <Button disabled={!file || file.products.length === 0 || isDone} isBusy={action.isBusy} onClick={() => void start()}>Import</Button>
          {action.isBusy && <Button look="quiet" onClick={() => stop.current.abort()}>Stop</Button>}
        </div>
        {file && progress && <Advance file={file} progress={progress} isDone={isDone} />}
        {action.error !== undefined && (stop.current.signal.aborted
          ? <Notice tone="warn">The import was stopped. What had been sent stays.</Notice> : <Failure error={action.error} onRetry={() => void start()} />)}
      </section>
      {faults.length > 0 && <Faults faults={faults} />}
    </Page>
  );
}

function Advance({ file, progress, isDone }: { file: CatalogueFile; progress: Progress; isDone: boolean }) {
  return (
    <div className="stack tight">
      <label className="stack tight">
        <span className="small muted">{isDone ? "Done" : "Importing"}: {formatNumber(progress.done)} of {formatNumber(file.products.length)} products</span>
        <progress value={progress.done} max={Math.max(1, file.products.length)} />
      </label>
      <p role="status">
        {formatNumber(progress.created)} created, {formatNumber(progress.present)} there already, {formatNumber(progress.received)} units
        received, {formatNumber(progress.faults.length + file.faults.length)} rows refused.
      </p>
    </div>
  );
}

/** The same file chosen again, corrected perhaps, is a change only where none was chosen before. */
const forget = ({ currentTarget }: MouseEvent<HTMLInputElement>) => { currentTarget.value = ""; };

const shownMax = 500;

function Faults({ faults }: { faults: readonly RowFault[] }) {
  return (
    <section className="card stack" aria-labelledby="faults">
      <h2 id="faults">Rows that were refused</h2>
      <Table caption="Rows with the reasons" rows={faults.slice(0, shownMax)} rowKey={(fault) => `${fault.row} ${fault.reason}`} columns={[
        { title: "Row", isNumber: true, cell: (fault) => fault.row },
        { title: "SKU", cell: (fault) => fault.sku || "–" },
        { title: "Why", cell: (fault) => fault.reason },
      ]} />
      {faults.length > shownMax && <p className="small muted">The first {formatNumber(shownMax)} of {formatNumber(faults.length)} are shown.</p>}
    </section>
  );
}
