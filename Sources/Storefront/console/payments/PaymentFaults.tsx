import type { FormEvent } from "react";
import { client } from "../../common/client";
import { Button, formValues, Notice, SelectField, Table, TextField } from "../../common/controls";
import { formatNumber } from "../../common/money";
import { Problem } from "../../common/problem";
import { useQuery } from "../../common/query";
import { Link } from "../../common/router";
import { useIsAdmin } from "../account";
import { useAction } from "../asking";
import { Failure, Page, RowSkeletons } from "../parts";
import { choices, type Faults, faultsOf, faultWords, triggerWords } from "./faults";

const path = "/api/v1/payments/faults";
/** A fault that strikes the next call is off after it. */
const every = 2_000;
const title = "Payment simulator";

/** What is to go wrong with payments, in a shop that pays with the simulator. */
export function PaymentFaults() {
  const isAdmin = useIsAdmin();
  const { document: faults, error, reload } = useQuery<Faults>(isAdmin ? path : null, { every });
  if (!isAdmin) return <Page title={title}><Notice>The fault switches are for administrators only.</Notice></Page>;
  if (error instanceof Problem && error.status === 404) {
    return <Page title={title}><p>The payments of this shop are no simulator’s: there is nothing to switch.</p></Page>;
  }
  return (
    <Page title={title} above={<Link to="/console/cluster">Cluster</Link>}>
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      <div className="columns">
        <section className="card stack" aria-labelledby="stands">
          <h2 id="stands">As it stands</h2>
          {faults ? <Standing faults={faults} /> : <RowSkeletons />}
        </section>
        <Switches done={reload} />
      </div>
    </Page>
  );
}

function Standing({ faults }: { faults: Faults }) {
  const rows = [
    ...faultWords.map(({ fault, title: name, hint }) => ({ name, hint, value: triggerWords(faults[fault]) })),
    { name: "Delay", hint: "Each call is held.", value: `${formatNumber(faults.delay_ms)} ms` },
    {
      name: "Unreachable", hint: "No connection is taken.",
      value: faults.refuse_connections_ms === 0 ? "no" : `for ${formatNumber(faults.refuse_connections_ms / 1000)} s`,
    },
  ];
  return (
    <Table caption="The fault switches" rows={rows} rowKey={(row) => row.name} columns={[
      { title: "Fault", cell: (row) => <>{row.name}<span className="small muted block">{row.hint}</span></> },
      { title: "Strikes", cell: (row) => row.value },
    ]} />
  );
}

function Switches({ done }: { done: () => void }) {
  const { run, isBusy, error } = useAction();
  const change = (work: () => Promise<unknown>) => void run(async () => {
    await work();
    done();
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const faults = faultsOf(formValues(event));
    change(() => client.put(path, faults));
  };
  return (
    <form className="card stack" onSubmit={submit} aria-labelledby="switches">
      <h2 id="switches">Switches</h2>
      {error !== undefined && <Failure error={error} />}
      <div className="pair">
        {faultWords.map(({ fault, title: name }) => (
          <SelectField key={fault} label={name} name={fault} defaultValue="off">
            {choices.map(({ value, title: text }) => <option key={value} value={value}>{text}</option>)}
          </SelectField>
        ))}
        <TextField label="Delay in milliseconds" name="delay_ms" type="number" min={0} max={600_000} defaultValue={0} />
        <TextField label="Unreachable for seconds" name="refuse_connections_s" type="number" min={0} max={600} defaultValue={0} />
      </div>
      <div className="row">
        <Button type="submit" isBusy={isBusy}>Set the switches</Button>
        <Button type="reset" look="quiet" onClick={() => change(() => client.delete(path))}>All off</Button>
      </div>
    </form>
  );
}
