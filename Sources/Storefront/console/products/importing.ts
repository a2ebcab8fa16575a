import { client, newKey } from "../../common/client";
import type { FileProduct, RowFault } from "./catalogue";

/** Small enough that a request is answered soon and the bar moves; the gateway takes 100. */
const productsPerRequest = 25;
/** The gateway takes 1,000. */
const receiptsPerRequest = 200;

export interface Progress {
  done: number;
  created: number;
  present: number;
  received: number;
  faults: RowFault[];
}

interface Results {
  results: { status: number; id?: string; problem?: { code: string } & Record<string, unknown> }[];
}

const detail = (problem: Results["results"][number]["problem"]): string =>
  [problem?.title, problem?.detail].filter((part) => typeof part === "string").join(" ") || (problem?.code ?? "refused");

function* batches<Element>(elements: readonly Element[], size: number): Generator<Element[]> {
  for (let start = 0; start < elements.length; start += size) yield elements.slice(start, start + size);
}

/**
 * Creates the products of a file and receives their first stock, a batch at a time. Products whose SKUs are there already stay as
 * they are; so does stock that has ever moved.
 */
export async function importProducts(
  products: readonly FileProduct[], signal: AbortSignal, tell: (progress: Progress) => void,
): Promise<void> {
  const progress: Progress = { done: 0, created: 0, present: 0, received: 0, faults: [] };
  for (const batch of batches(products, productsPerRequest)) {
    const call = { signal, idempotencyKey: newKey() };
    const { results } = await client.post<Results>("/api/v1/products/batch", { products: batch.map((one) => one.product) }, call);
    for (const [index, one] of batch.entries()) {
      const result = results[index];
      if (result && result.status < 300) progress.created += 1;
      else if (result?.problem?.code === "sku_taken") progress.present += 1;
      else for (const { row, sku } of one.rows) progress.faults.push({ row, sku, reason: detail(result?.problem) });
    }
    const isThere = (index: number) => {
      const result = results[index];
      return result !== undefined && (result.status < 300 || result.problem?.code === "sku_taken");
    };
    await receive(batch.filter((_, index) => isThere(index)).flatMap((one) => one.rows), signal, progress);
    progress.done += batch.length;
    tell({ ...progress, faults: [...progress.faults] });
  }
}

async function receive(rows: FileProduct["rows"], signal: AbortSignal, progress: Progress): Promise<void> {
  for (const batch of batches(rows.filter((row) => row.quantity > 0), receiptsPerRequest)) {
    const receipts = batch.map(({ sku, quantity }) => ({ sku, quantity, initial: true }));
    const { results } = await client.post<Results>("/api/v1/inventory/batch", { receipts }, { signal, idempotencyKey: newKey() });
    for (const [index, { row, sku, quantity }] of batch.entries()) {
      const result = results[index];
      if (result && result.status < 300) progress.received += quantity;
      else if (result?.problem?.code !== "stock_changed") {
        progress.faults.push({ row, sku, reason: `the stock: ${detail(result?.problem)}` });
      }
    }
  }
}
