import type { Variant } from "../common/types";

interface ChoiceProperties {
  variants: readonly Variant[];
  chosen: Variant;
  choose: (variant: Variant) => void;
}

/** The attributes in which variants differ, in the order of the first. */
function differing(variants: readonly Variant[]): string[] {
  const names = Object.keys(variants[0]?.attributes ?? {});
  return names.filter((name) => new Set(variants.map((variant) => variant.attributes[name])).size > 1);
}

/** One row of choices for each attribute; where they do not tell all variants apart, one of articles. */
export function VariantChoice({ variants, chosen, choose }: ChoiceProperties) {
  const names = differing(variants);
  const marks = new Set(variants.map((variant) => names.map((name) => variant.attributes[name]).join("|")));
  if (names.length === 0 || marks.size < variants.length) {
    return (
      <Row title="Article" values={variants.map((variant) => variant.title ?? variant.sku)}
        chosen={chosen.title ?? chosen.sku}
        choose={(value) => choose(variants.find((variant) => (variant.title ?? variant.sku) === value) ?? chosen)} />
    );
  }
  const pick = (name: string, value: string) => {
    const fits = variants.filter((variant) => variant.attributes[name] === value);
    const same = (variant: Variant) => names.filter((other) => variant.attributes[other] === chosen.attributes[other]).length;
    const best = fits.reduce((found, variant) => (same(variant) > same(found) ? variant : found), fits[0] ?? chosen);
    choose(best);
  };
  return (
    <>
      {names.map((name) => (
        <Row
          key={name} title={name} values={[...new Set(variants.map((variant) => variant.attributes[name] ?? ""))]}
          chosen={chosen.attributes[name] ?? ""} choose={(value) => pick(name, value)}
        />
      ))}
    </>
  );
}

function Row({ title, values, chosen, choose }: {
  title: string; values: string[]; chosen: string; choose: (value: string) => void;
}) {
  return (
    <fieldset className="variants">
      <legend>{title}</legend>
      {values.map((value) => (
        <label key={value}>
          <input type="radio" name={`variant ${title}`} checked={value === chosen} onChange={() => choose(value)} />
          <span>{value}</span>
        </label>
      ))}
    </fieldset>
  );
}
