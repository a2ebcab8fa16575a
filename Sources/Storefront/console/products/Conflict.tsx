import { Button } from "../../common/controls";
import { type Draft, draftFields } from "./draft";

interface ConflictProperties {
  mine: Draft;
  theirs: Draft;
  /** What both began with. */
  base: Draft;
  /** Whether saving was tried and refused. */
  isRefused: boolean;
  onTakeTheirs: () => void;
  onKeepMine: () => void;
}

/** Shows what another member of staff has changed beside what is being written here. */
export function Conflict({ mine, theirs, base, isRefused, onTakeTheirs, onKeepMine }: ConflictProperties) {
  const [own, others, former] = [draftFields(mine), draftFields(theirs), draftFields(base)];
  const rows = own.map((field, index) => (
    { name: field.name, mine: field.text, theirs: others[index]?.text ?? "", base: former[index]?.text ?? "" }
  )).filter((row) => row.mine !== row.theirs);
  return (
    <section className="notice warn stack conflict" role="alert" aria-label="Conflict">
      <p>
        <strong>{isRefused ? "Not saved: the product has been changed by another." : "The product has just been changed by another."}</strong>
        {" "}Nothing is lost: choose what goes on.
      </p>
      <div className="scroll" tabIndex={0} role="region" aria-label="What differs">
        <table className="table">
          <caption className="hidden">What differs</caption>
          <thead><tr><th scope="col">Field</th><th scope="col">Yours</th><th scope="col">As it is now</th></tr></thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <th scope="row">{row.name}</th>
                <td className="pre">{row.mine === row.base ? <span className="muted">{row.mine || "–"}</span> : <mark>{row.mine || "–"}</mark>}</td>
                <td className="pre">{row.theirs === row.base ? <span className="muted">{row.theirs || "–"}</span> : <mark>{row.theirs || "–"}</mark>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="row">
        <Button look="quiet" onClick={onTakeTheirs}>Take the product as it is now</Button>
        <Button look="quiet" onClick={onKeepMine}>Go on with mine, over theirs</Button>
      </div>
    </section>
  );
}
