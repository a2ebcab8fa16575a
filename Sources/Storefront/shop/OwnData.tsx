import { type FormEvent, useState } from "react";
import { client } from "../common/client";
import { Button, Dialog, formValues, Notice, TextField } from "../common/controls";
import { explain, Problem } from "../common/problem";
import { navigate } from "../common/router";
import { toast } from "../common/toast";
import type { Account, Order, Page as PageOf } from "../common/types";
import { useAttempt } from "./attempt";
import { ownOrdersPath } from "./places";

/** What the shop has of its customer: to take along, and to have erased. */
export function OwnData({ account }: { account: Account | undefined }) {
  const { error, isBusy, run } = useAttempt();
  const [isErasing, setErasing] = useState(false);
  return (
    <section className="card stack" aria-labelledby="own-data">
      <h2 id="own-data">Your data</h2>
      <p>
        Your account, where you are logged in, your cart and your orders, in one JSON file.
      </p>
      {error !== undefined && <Notice tone="bad">{explain(error)}</Notice>}
      <p><Button look="quiet" isBusy={isBusy} onClick={() => run(exportData)}>Download your data</Button></p>
      {account?.role !== "admin" && (
        <>
          <p>
            When the account is erased, nothing says any more who you were: your address, your names, your log-ins and your
            cart go, and the addresses of your orders. The orders themselves stay in the books, under a number.
          </p>
          <p><Button look="danger" onClick={() => setErasing(true)}>Erase the account</Button></p>
        </>
      )}
      {isErasing && <Erasure onClose={() => setErasing(false)} />}
    </section>
  );
}

/** The most that the interface tells on one page. */
const ordersAtOnce = 200;

interface Export {
  account: Account;
  orders: Order[];
  next_order_cursor: string | null;
}

/** Gives the browser a file with everything: the newest orders of the export, and behind them the older ones. */
async function exportData(): Promise<void> {
  const data = await client.get<Export>("/api/v1/auth/me/export");
  while (data.next_order_cursor !== null) {
    const path = ownOrdersPath(data.account, ordersAtOnce, data.next_order_cursor);
    const page = await client.get<PageOf<Order>>(path);
    data.orders.push(...page.data);
    data.next_order_cursor = page.next_cursor;
  }
  const url = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "cloudretail-data.json";
  link.click();
  URL.revokeObjectURL(url);
}

function Erasure({ onClose }: { onClose: () => void }) {
  const { error, isBusy, run } = useAttempt();
  const erase = (event: FormEvent<HTMLFormElement>) => {
    const { password } = formValues(event);
    run(async () => {
      await client.post("/api/v1/auth/erasure", { password });
      client.session.close();
      navigate("/", { replaces: true });
      toast("The account is erased.");
    });
  };
  return (
    <Dialog title="Erase the account?" onClose={onClose}>
      <form className="stack" onSubmit={erase}>
        <p>This cannot be taken back. An order that has yet to be sent still needs its address: cancel it first, or wait.</p>
        {error !== undefined && <Notice tone="bad">{words(error)}</Notice>}
        <TextField label="Your password" name="password" type="password" autoComplete="current-password" required />
        <label className="row"><input type="checkbox" required />I want all of it erased for good.</label>
        <div className="row">
          <Button type="submit" look="danger" isBusy={isBusy}>Erase for good</Button>
          <Button look="quiet" onClick={onClose}>Keep it</Button>
        </div>
      </form>
    </Dialog>
  );
}

const words = (error: unknown): string =>
  (error instanceof Problem && error.status === 409
    ? "An order has yet to be sent, and needs its address. Cancel it first, or wait until it is on its way."
    : explain(error));
