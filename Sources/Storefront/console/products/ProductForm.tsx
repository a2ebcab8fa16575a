import { type ReactNode, useId } from "react";
import { Button, TextField } from "../../common/controls";
import { Link } from "../../common/router";
import type { Draft, DraftVariant } from "./draft";
import type { Faults } from "./makeProduct";
import { Pictures } from "./Pictures";

interface ProductFormProperties {
  draft: Draft;
  onChange: (draft: Draft) => void;
  faults: Faults;
  isBusy: boolean;
  canSave: boolean;
  onSave: () => void;
  onUndo: () => void;
}

export function ProductForm({ draft, onChange, faults, isBusy, canSave, onSave, onUndo }: ProductFormProperties) {
  const set = (part: Partial<Draft>) => onChange({ ...draft, ...part });
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); onSave(); }}>
      <div className="columns wide-first">
        <section className="card stack" aria-label="Texts">
          <TextField label="Title" required maxLength={200} value={draft.title} fault={faults["/title"]}
            onChange={(event) => set({ title: event.target.value })} />
          <Text label="Description" value={draft.description} onChange={(description) => set({ description })} rows={4}
            fault={faults["/description"]} />
          <div className="pair">
            <TextField label="Brand" maxLength={100} value={draft.brand} fault={faults["/brand"]}
              onChange={(event) => set({ brand: event.target.value })} />
            <TextField label="Category" maxLength={200} value={draft.category} fault={faults["/category"]} placeholder="Home/Lighting"
              onChange={(event) => set({ category: event.target.value })} />
          </div>
          <Text label="Attributes" value={draft.attributes} onChange={(attributes) => set({ attributes })} rows={3}
            hint="One in a line: name=value" fault={faults["/attributes"]} />
          <label className="check">
            <input type="checkbox" checked={draft.active} onChange={(event) => set({ active: event.target.checked })} /> On sale
          </label>
        </section>
        <section className="card stack" aria-label="Pictures">
          <Text label="Pictures" value={draft.imageURLs} onChange={(imageURLs) => set({ imageURLs })} rows={3}
            hint="One address in a line, the first is shown in lists" fault={pictureFault(faults)} />
          <Pictures urls={draft.imageURLs.split("\n").map((url) => url.trim()).filter(Boolean)} />
        </section>
      </div>
      <Variants draft={draft} set={set} faults={faults} />
      <div className={canSave ? "row bar-below" : "row"}>
        <Button type="submit" isBusy={isBusy} disabled={!canSave}>Save</Button>
        <Button look="quiet" disabled={!canSave || isBusy} onClick={onUndo}>Undo</Button>
      </div>
    </form>
  );
}

const pictureFault = (faults: Faults): string | undefined =>
  Object.entries(faults).find(([pointer]) => pointer.startsWith("/image_urls"))?.[1];

interface TextProperties {
  label: string;
  value: string;
  onChange: (value: string) => void;
  rows: number;
  hint?: ReactNode;
  fault?: string | undefined;
}

function Text({ label, value, onChange, rows, hint, fault }: TextProperties) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} rows={rows} value={value} aria-invalid={fault !== undefined} aria-describedby={hint || fault ? `${id}-note` : undefined}
        onChange={(event) => onChange(event.target.value)} />
      {fault === undefined && hint !== undefined && <p className="hint" id={`${id}-note`}>{hint}</p>}
      {fault !== undefined && <p className="fault" id={`${id}-note`} role="alert">{fault}</p>}
    </div>
  );
}

function Variants({ draft, set, faults }: { draft: Draft; set: (part: Partial<Draft>) => void; faults: Faults }) {
  const change = (line: number, part: Partial<DraftVariant>) =>
    set({ variants: draft.variants.map((variant) => (variant.line === line ? { ...variant, ...part } : variant)) });
  const add = () => {
    const line = Math.max(-1, ...draft.variants.map((variant) => variant.line)) + 1;
    set({ variants: [...draft.variants, { line, sku: "", title: "", price: "", attributes: "" }] });
  };
  return (
    <section className="card stack" aria-labelledby="variants">
      <div className="spread middle">
        <h2 id="variants">Variants</h2>
        <div className="currency">
          <TextField label="Currency" required pattern="[A-Z]{3}" maxLength={3} value={draft.currency}
            onChange={(event) => set({ currency: event.target.value.toUpperCase() })} />
        </div>
      </div>
      {draft.variants.map((variant, index) => (
        <fieldset key={variant.line} className="variant">
          <legend className="hidden">Variant {index + 1}</legend>
          <TextField label="SKU" required maxLength={64} value={variant.sku} fault={faults[`/variants/${index}/sku`]}
            onChange={(event) => change(variant.line, { sku: event.target.value })} />
          <TextField label="Price" required inputMode="decimal" value={variant.price} fault={faults[`/variants/${index}/price`]}
            onChange={(event) => change(variant.line, { price: event.target.value })} />
          <TextField label="Title" maxLength={200} value={variant.title} onChange={(event) => change(variant.line, { title: event.target.value })} />
          <TextField label="Attributes" value={variant.attributes} fault={faults[`/variants/${index}/attributes`]} placeholder="size=M | colour=red"
            onChange={(event) => change(variant.line, { attributes: event.target.value })} />
          <div className="row variant-foot">
            {variant.sku !== "" && <Link className="small" to={`/console/stock/${encodeURIComponent(variant.sku)}`}>Stock</Link>}
            <Button look="plain" className="small" disabled={draft.variants.length === 1} aria-label={`Remove variant ${index + 1}`}
              onClick={() => set({ variants: draft.variants.filter((other) => other.line !== variant.line) })}>Remove</Button>
          </div>
        </fieldset>
      ))}
      <div><Button look="quiet" onClick={add}>Add a variant</Button></div>
    </section>
  );
}
