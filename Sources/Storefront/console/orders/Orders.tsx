import type { FormEvent } from "react";
import { Button, formValues, SelectField, TextField } from "../../common/controls";
import { navigate, usePlace } from "../../common/router";
import type { Order, OrderStatus } from "../../common/types";
import { useList } from "../asking";
import { useOnEvent } from "../feed";
import { Failure, Page, RowSkeletons } from "../parts";
import { OrderTable } from "./OrderTable";
import { statusWords } from "./words";

const pageSize = 50;

/** Orders, newest first, by status and by customer; the address of the page says what is shown. */
export function Orders() {
  const { query } = usePlace();
  const asked = new URLSearchParams({ limit: String(pageSize) });
  for (const name of ["status", "customer_id"]) {
    const value = query.get(name);
    if (value) asked.set(name, value);
  }
  const list = useList<Order>(`/api/v1/orders?${asked}`);
  useOnEvent((event) => event.type.startsWith("Order") && (list.elements?.length ?? 0) <= pageSize, list.reload);

  const show = (name: string, value: string | undefined) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    navigate(`/console/orders${next.toString() && `?${next}`}`, { keepsScroll: true });
  };
  const open = (event: FormEvent<HTMLFormElement>) => {
    const { name = "" } = formValues(event);
    if (name.startsWith("ord_")) navigate(`/console/orders/${encodeURIComponent(name)}`);
    else show("customer_id", name);
  };

  return (
    <Page title="Orders">
      <div className="filters">
        <SelectField label="Status" value={query.get("status") ?? ""} onChange={(event) => show("status", event.target.value)}>
          <option value="">All</option>
          {(Object.keys(statusWords) as OrderStatus[]).map((status) => (
            <option key={status} value={status}>{statusWords[status].text}</option>
          ))}
        </SelectField>
        <form className="search" onSubmit={open} key={query.get("customer_id")}>
          <TextField label="Order or customer" name="name" placeholder="ord_… or cus_…" defaultValue={query.get("customer_id") ?? ""}
            autoComplete="off" spellCheck={false} />
          <Button type="submit" look="quiet">Show</Button>
        </form>
      </div>
      {list.error !== undefined && <Failure error={list.error} onRetry={list.reload} />}
      {list.elements ? <OrderTable caption="Orders" orders={list.elements} /> : list.error === undefined && <RowSkeletons rows={12} />}
      {list.hasMore && <div><Button look="quiet" isBusy={list.isLoading} onClick={list.more}>Show more</Button></div>}
    </Page>
  );
}
