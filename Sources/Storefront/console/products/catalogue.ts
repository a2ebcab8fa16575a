import { parseMoney } from "../../common/money";
import { parseCSV } from "./csv";
import type { NewProduct } from "./draft";

/** What became of a row of a file, or why it was left out. Row 1 is the header. */
export interface RowFault {
  row: number;
  sku: string;
  reason: string;
}

/** A product of a file with the rows that it is made of. */
export interface FileProduct {
  product: NewProduct;
  rows: { row: number; sku: string; quantity: number }[];
}

export interface CatalogueFile {
  products: FileProduct[];
  faults: RowFault[];
  rowCount: number;
}

interface Row {
  row: number;
  sku: string;
  values: Record<string, string>;
  attributes: Record<string, string>;
  price: { amount: number; currency: string };
}

const required = ["sku", "title", "price", "currency"];
const currencies = /^[A-Z]{3}$/;

/**
 * Reads a catalogue file: one variant in a row, rows of one `handle` are one product. A product with a bad row is left out whole.
 *
 * @throws Error when the header lacks a column.
 */
export function readCatalogue(text: string): CatalogueFile {
  const [header = [], ...lines] = parseCSV(text);
  const names = header.map((name) => name.trim().toLowerCase());
  const missing = required.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Error(`The first line names no column ${missing.join(", ")}.`);
  const faults: RowFault[] = [];
  const groups = new Map<string, { rows: Row[]; bad: number | null }>();
  const seen = new Set<string>();
  for (const [index, fields] of lines.entries()) {
    const number = index + 2;
    const values: Record<string, string> = {};
    for (const [place, name] of names.entries()) values[name] = fields[place]?.trim() ?? "";
    const handle = values.handle || ` ${number}`;
    const group = groups.get(handle) ?? { rows: [], bad: null };
    groups.set(handle, group);
    const sku = values.sku ?? "";
    const read = fields.length === names.length ? readRow(number, values, group.rows[0], seen) : `it has ${fields.length} fields and the header ${names.length}`;
    if (typeof read === "string") {
      faults.push({ row: number, sku, reason: read });
      group.bad ??= number;
    } else group.rows.push(read);
  }
  const products: FileProduct[] = [];
  for (const { rows, bad } of groups.values()) {
    if (bad === null) products.push(makeProduct(rows));
    else for (const { row, sku } of rows) faults.push({ row, sku, reason: `left out, because row ${bad} of the same product is bad` });
  }
  return { products, faults: faults.sort((one, other) => one.row - other.row), rowCount: lines.length };
}

/** The row, or what is wrong with it. */
function readRow(row: number, values: Record<string, string>, first: Row | undefined, seen: Set<string>): Row | string {
  const sku = values.sku ?? "";
  if (sku === "") return "there is no SKU";
  if (seen.has(sku)) return `the SKU ${sku} stands in the file already`;
  seen.add(sku);
  if (!first && !values.title) return "there is no title";
  const currency = values.currency ?? "";
  if (!currencies.test(currency)) return `“${currency}” is not an ISO 4217 code such as EUR`;
  const amount = parseMoney(values.price ?? "", currency);
  if (amount === null) return `“${values.price ?? ""}” is no price in ${currency}`;
  if (values.quantity && !/^\d{1,12}$/.test(values.quantity)) return `the quantity “${values.quantity}” is not a whole number`;
  if (values.active && !/^(true|false)$/i.test(values.active)) return `active is true or false, not “${values.active}”`;
  const attributes = readAttributes(values.attributes ?? "");
  if (attributes === null) return "the attributes are not of the form name=value|name=value";
  for (const name of ["description", "brand", "category", "active"]) {
    if (first && values[name] && values[name] !== first.values[name]) return `the ${name} is another than on row ${first.row} of the same product`;
  }
  return { row, sku, values, attributes, price: { amount, currency } };
}

export function readAttributes(text: string, separator: string | RegExp = "|"): Record<string, string> | null {
  const attributes: Record<string, string> = {};
  for (const pair of text.split(separator).filter((part) => part.trim() !== "")) {
    const place = pair.indexOf("=");
    const name = pair.slice(0, place).trim();
    if (place < 1 || name === "" || name in attributes) return null;
    attributes[name] = pair.slice(place + 1).trim();
  }
  return attributes;
}

/** What all rows say in common belongs to the product, the rest to its variants. */
function makeProduct(rows: readonly Row[]): FileProduct {
  const first = rows[0] as Row;
  const values = first.values;
  const shared = Object.entries(first.attributes).filter(([name, value]) => rows.every((row) => row.attributes[name] === value));
  const isShared = (name: string) => shared.some(([other]) => other === name);
  const pictures = rows.flatMap((row) => (row.values.image_urls ?? "").split("|")).map((url) => url.trim()).filter(Boolean);
  return {
    product: {
      title: values.title ?? "", description: values.description || null, brand: values.brand || null, category: values.category || null,
      attributes: Object.fromEntries(shared), image_urls: [...new Set(pictures)], active: values.active?.toLowerCase() !== "false",
      variants: rows.map((row) => ({
        sku: row.sku, title: row.values.title && row.values.title !== values.title ? row.values.title : null,
        attributes: Object.fromEntries(Object.entries(row.attributes).filter(([name]) => !isShared(name))), price: row.price,
      })),
    },
    rows: rows.map((row) => ({ row: row.row, sku: row.sku, quantity: Number(row.values.quantity || 0) })),
  };
}
