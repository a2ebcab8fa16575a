import { useState } from "react";
import { countryName } from "../common/address";
import { SelectField, TextField } from "../common/controls";
import type { ShippingAddress } from "../common/types";
import { faultOf } from "./LogIn";

const codes = [
  "AT", "AU", "BE", "CA", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "GR", "IE", "IS", "IT", "JP", "LU", "NL", "NO",
  "NZ", "PL", "PT", "SE", "SI", "SK", "US",
];

/** The countries, sorted as the reader's locale does it. */
function namedCountries(): { code: string; name: string }[] {
  const { compare } = new Intl.Collator([...navigator.languages]);
  return codes.map((code) => ({ code, name: countryName(code) })).sort((a, b) => compare(a.name, b.name));
}

/** The values of a form as an address. */
export const addressOf = (values: Record<string, string>): ShippingAddress => ({
  name: values["name"] ?? "", line1: values["line1"] ?? "", line2: values["line2"] ?? null, city: values["city"] ?? "",
  postal_code: values["postal_code"] ?? null, country: values["country"] ?? "",
});

export function AddressFields({ known, error, at }: { known: Partial<ShippingAddress>; error: unknown; at: string }) {
  const field = (name: keyof ShippingAddress) => ({
    name, defaultValue: known[name] ?? "", maxLength: 200, fault: faultOf(error, `${at}/${name}`),
  });
  const [countries] = useState(namedCountries);
  return (
    <>
      <TextField label="Name" autoComplete="name" required {...field("name")} />
      <TextField label="Street and number" autoComplete="address-line1" required {...field("line1")} />
      <TextField label="More (optional)" autoComplete="address-line2" {...field("line2")} />
      <div className="pair">
        <TextField label="Postal code" autoComplete="postal-code" required {...field("postal_code")} />
        <TextField label="Town" autoComplete="address-level2" required {...field("city")} />
      </div>
      <SelectField label="Country" name="country" autoComplete="country" defaultValue={known.country ?? "DE"}>
        {countries.map(({ code, name }) => <option key={code} value={code}>{name}</option>)}
      </SelectField>
    </>
  );
}
