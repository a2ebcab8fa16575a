import type { Money } from "./types";

/** ISO 4217's exponents other than two. CLDR's digits, by which amounts are shown, differ for some (HUF). */
const exponents: Record<string, number> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0,
  XAF: 0, XOF: 0, XPF: 0, BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3, CLF: 4, UYW: 4,
};

/** How many minor units make a unit of a currency, as a power of ten. */
export const exponent = (currency: string): number => exponents[currency] ?? 2;

const locales = [...navigator.languages];
const formats = new Map<string, Intl.NumberFormat>();

/** An amount as the reader's locale writes it. */
export function formatMoney({ amount, currency }: Money): string {
  let format = formats.get(currency);
  if (!format) {
    format = new Intl.NumberFormat(locales, { style: "currency", currency });
    formats.set(currency, format);
  }
  return format.format(amount / 10 ** exponent(currency));
}

/** Minor units of an amount that a person has written with a point or a comma; null for what is no amount. */
export function parseMoney(text: string, currency: string): number | null {
  const digits = exponent(currency);
  const match = /^(\d{1,12})(?:[.,](\d+))?$/.exec(text.trim());
  if (!match || (match[2] ?? "").length > digits) return null;
  return Number(match[1] + (match[2] ?? "").padEnd(digits, "0"));
}

export const formatNumber = (value: number): string => new Intl.NumberFormat(locales).format(value);

export function formatTime(moment: string, style: "medium" | "short" = "medium"): string {
  const format = new Intl.DateTimeFormat(locales, { dateStyle: style, timeStyle: "short" });
  return format.format(new Date(moment));
}
