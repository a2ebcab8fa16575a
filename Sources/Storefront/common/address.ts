import type { ShippingAddress } from "./types";

/** What a country is called in the reader's locale. */
export const countryName = (code: string): string =>
  new Intl.DisplayNames([...navigator.languages], { type: "region" }).of(code) ?? code;

/** An address as it is read. */
export const addressLines = (address: ShippingAddress): string[] => [
  address.name, address.line1, address.line2, `${address.postal_code ?? ""} ${address.city}`.trim(), address.region,
  countryName(address.country),
].filter((line) => typeof line === "string" && line !== "") as string[];
