import {
  type ButtonHTMLAttributes, type FormEvent, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes,
  useId, useLayoutEffect, useRef,
} from "react";

export type Tone = "plain" | "good" | "warn" | "bad";

interface ButtonProperties extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "main" | "quiet" | "danger" | "plain";
  isBusy?: boolean;
}

/** A button; while it is busy it turns a circle and takes no click. */
export function Button({ look = "main", isBusy = false, className = "", type = "button", ...rest }: ButtonProperties) {
  const busy = isBusy ? { "aria-busy": true, disabled: true } : {};
  return <button type={type} className={`button ${look} ${className}`} {...rest} {...busy} />;
}

interface Labelled {
  label: string;
  hint?: ReactNode;
  /** What is wrong with it. */
  fault?: string | undefined;
}

/** A control under its label, with what is wrong with it read out by a screen reader. */
function Field({ label, hint, fault, id, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {hint !== undefined && !fault && <p className="hint" id={`${id}-note`}>{hint}</p>}
      {fault && <p className="fault" id={`${id}-note`} role="alert">{fault}</p>}
    </div>
  );
}

const described = (id: string, { hint, fault }: Labelled) => ({
  id, ...(fault ? { "aria-invalid": true } : {}), ...(hint !== undefined || fault ? { "aria-describedby": `${id}-note` } : {}),
});

export function TextField({ label, hint, fault, ...rest }: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const labelled: Labelled = { label, hint, fault };
  return <Field id={id} {...labelled}><input {...described(id, labelled)} {...rest} /></Field>;
}

export function SelectField({ label, hint, fault, ...rest }: Labelled & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  const labelled: Labelled = { label, hint, fault };
  return <Field id={id} {...labelled}><select {...described(id, labelled)} {...rest} /></Field>;
}

/** The values of a form by name; what was left empty is absent. */
export function formValues(event: FormEvent<HTMLFormElement>): Record<string, string> {
  event.preventDefault();
  const values: Record<string, string> = {};
  for (const [name, value] of new FormData(event.currentTarget)) {
    if (typeof value === "string" && value.trim() !== "") values[name] = value.trim();
  }
  return values;
}

export function Notice({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return <div className={`notice ${tone}`} role={tone === "bad" || tone === "warn" ? "alert" : "status"}>{children}</div>;
}

export function Badge({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`badge ${tone}`}>{children}</span>;
}

/**
 * Holds the place of what is being read, in its size, so that nothing moves when it comes. A picture has its size in
 * attributes, which the policy of a document allows, and it does not allow a style.
 */
export function Skeleton({ width = "100%", height = "1em" }: { width?: string | number; height?: string | number }) {
  return <svg className="skeleton" width={width} height={height} aria-hidden="true" />;
}

/** A modal dialog: the browser keeps the focus in it, and Escape closes it. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Closed before it is taken out of the page: only then does the browser give the focus back to the button that opened it.
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={element} className="dialog" aria-labelledby={id} onCancel={onClose}>
      <div>
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ReactNode;
  isNumber?: boolean;
}

interface TableProperties<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
}

export function Table<Row>({ caption, columns, rows, rowKey }: TableProperties<Row>) {
  const look = (column: Column<Row>) => (column.isNumber ? "number" : "");
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table className="table">
        <caption className="hidden">{caption}</caption>
        <thead>
          <tr>{columns.map((column) => <th key={column.title} scope="col" className={look(column)}>{column.title}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => <td key={column.title} className={look(column)}>{column.cell(row)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
