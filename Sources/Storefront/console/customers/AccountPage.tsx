import { type FormEvent, useState } from "react";
import { client } from "../../common/client";
import { Badge, Button, Dialog, formValues, SelectField, Skeleton } from "../../common/controls";
import { formatTime } from "../../common/money";
import { useQuery } from "../../common/query";
import { Link } from "../../common/router";
import { toast } from "../../common/toast";
import type { Account, Order, Role } from "../../common/types";
import { useIsAdmin } from "../account";
import { useAction, useList } from "../asking";
import { OrderTable } from "../orders/OrderTable";
import { Failure, Page, RowSkeletons } from "../parts";

const roleWords: Record<Role, string> = { customer: "Customer", staff: "Staff", admin: "Administrator" };

export function AccountPage({ id }: { id: string }) {
  const query = useQuery<Account>(`/api/v1/accounts/${encodeURIComponent(id)}`);
  const orders = useList<Order>(`/api/v1/orders?limit=50&customer_id=${encodeURIComponent(id)}`);
  const account = query.document;
  const name = account && `${account.first_name} ${account.last_name}`.trim();
  return (
    <Page title={name || account?.email || "Customer"} above={<Link to="/console/customers">Customers</Link>}>
      {query.error !== undefined && <Failure error={query.error} onRetry={query.reload} />}
      {query.isLoading && <Skeleton height="284px" />}
      {account && <Facts account={account} reload={query.reload} />}
      <section className="stack" aria-labelledby="orders">
        <h2 id="orders">Orders</h2>
        {orders.error !== undefined && <Failure error={orders.error} onRetry={orders.reload} />}
        {orders.elements ? <OrderTable caption="Orders of the customer" orders={orders.elements} /> : orders.error === undefined && <RowSkeletons />}
        {orders.hasMore && <div><Button look="quiet" isBusy={orders.isLoading} onClick={orders.more}>Show more</Button></div>}
      </section>
    </Page>
  );
}

function Facts({ account, reload }: { account: Account; reload: () => void }) {
  const isAdmin = useIsAdmin();
  const action = useAction();
  const [isGranting, setGranting] = useState(false);
  const clear = async () => {
    const isDone = await action.run(async () => { await client.delete(`/api/v1/accounts/${account.id}/log-in-failures`); });
    if (isDone) toast("No wrong password counts any more.");
  };
  return (
    <section className="card stack" aria-label="Account">
      <dl className="facts">
        <dt>Address</dt><dd>{account.email}</dd>
        <dt>Role</dt><dd><Badge tone={account.role === "customer" ? "plain" : "good"}>{roleWords[account.role]}</Badge></dd>
        <dt>Since</dt><dd>{formatTime(account.registered_at)}</dd>
        <dt>Number</dt><dd><code>{account.id}</code></dd>
      </dl>
      {action.error !== undefined && <Failure error={action.error} />}
      {isAdmin
        ? (
          <div className="row">
            <Button look="quiet" onClick={() => setGranting(true)}>Change the role</Button>
            <Button look="quiet" isBusy={action.isBusy} onClick={() => void clear()}>Forget wrong passwords</Button>
          </div>
        )
        : <p className="small muted">Roles are given by administrators.</p>}
      {isGranting && <RoleDialog account={account} onClose={() => setGranting(false)} onDone={reload} />}
    </section>
  );
}

function RoleDialog({ account, onClose, onDone }: { account: Account; onClose: () => void; onDone: () => void }) {
  const action = useAction();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    const { role } = formValues(event);
    const isDone = await action.run(async () => { await client.post(`/api/v1/accounts/${account.id}/role`, { role }); });
    onDone();
    if (!isDone) return;
    toast("The role is given.");
    onClose();
  };
  return (
    <Dialog title="Change the role" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <p>{account.email}</p>
        <SelectField label="Role" name="role" defaultValue={account.role} hint="Who may do less than before is logged out at once.">
          {(Object.keys(roleWords) as Role[]).map((role) => <option key={role} value={role}>{roleWords[role]}</option>)}
        </SelectField>
        {action.error !== undefined && <Failure error={action.error} />}
        <div className="row end">
          <Button look="quiet" onClick={onClose}>Back</Button>
          <Button type="submit" isBusy={action.isBusy}>Give the role</Button>
        </div>
      </form>
    </Dialog>
  );
}
