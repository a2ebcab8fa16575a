import type { FormEvent } from "react";
import { client } from "../common/client";
import { Badge, Button, formValues, Notice, Skeleton, TextField } from "../common/controls";
import { formatTime } from "../common/money";
import { explain } from "../common/problem";
import { useIsLoggedIn, useQuery } from "../common/query";
import { Link, navigate } from "../common/router";
import { toast } from "../common/toast";
import type { Account as AccountDocument, Page as PageOf, Session } from "../common/types";
import { useAttempt } from "./attempt";
import { Failure } from "./Failure";
import { faultOf, FormFault } from "./LogIn";
import { LogInFirst } from "./OrderPage";
import { OwnData } from "./OwnData";
import { Page } from "./Page";

export function Account() {
  const isLoggedIn = useIsLoggedIn();
  const { document: account, error, reload } = useQuery<AccountDocument>(isLoggedIn ? "/api/v1/auth/me" : null);
  if (isLoggedIn === undefined) return <Page title="Account"><Skeleton height={180} /></Page>;
  if (!isLoggedIn) return <LogInFirst path="/account" />;
  const name = account && [account.first_name, account.last_name].filter(Boolean).join(" ");
  return (
    <Page title="Account">
      {error && !account ? <Failure error={error} retry={reload} /> : (
        <div className="stack wide-gap">
          <section className="card stack" aria-label="You">
            <div className="spread">
              <div>
                <p><strong>{account ? name || account.email : <Skeleton width="16ch" />}</strong></p>
                <p className="muted">
                  {!account ? <Skeleton width="20ch" /> : name ? account.email : `Customer since ${formatTime(account.registered_at)}`}
                </p>
              </div>
              <Button look="quiet" onClick={() => void client.logOut().finally(() => navigate("/"))}>Log out</Button>
            </div>
            <p><Link to="/orders">Your orders</Link></p>
          </section>
          <Password email={account?.email ?? ""} />
          <Sessions />
          <OwnData account={account} />
        </div>
      )}
    </Page>
  );
}

function Password({ email }: { email: string }) {
  const { error, isBusy, run } = useAttempt();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const form = event.currentTarget;
    const values = formValues(event);
    run(async () => {
      await client.post("/api/v1/auth/password", values);
      form.reset();
      toast("The password has changed, and all other sessions have ended.");
    });
  };
  return (
    <form className="card stack" onSubmit={submit} aria-labelledby="password">
      <h2 id="password">Password</h2>
      <FormFault error={error} />
      <input className="hidden" tabIndex={-1} aria-hidden="true" type="email" autoComplete="username" value={email} readOnly />
      <TextField label="Current password" name="current_password" type="password" autoComplete="current-password" required />
      <TextField
        label="New password" name="new_password" type="password" autoComplete="new-password" required maxLength={128}
        fault={faultOf(error, "/new_password")}
      />
      <p><Button type="submit" look="quiet" isBusy={isBusy}>Change the password</Button></p>
    </form>
  );
}

function Sessions() {
  const { document: page, reload } = useQuery<PageOf<Session>>("/api/v1/auth/sessions?limit=50");
  const { error, isBusy, run } = useAttempt();
  const end = (id: string) => run(async () => {
    await client.delete(`/api/v1/auth/sessions/${id}`);
    reload();
  });
  return (
    <section className="card stack" aria-labelledby="sessions">
      <h2 id="sessions">Where you are logged in</h2>
      {error !== undefined && <Notice tone="bad">{explain(error)}</Notice>}
      <ul className="stack">
        {page ? page.data.map((session) => (
          <li key={session.id} className="spread">
            <span>
              <span className="block">{browserName(session.user_agent)} {session.current && <Badge tone="good">This one</Badge>}</span>
              <span className="muted small">{`Since ${formatTime(session.opened_at)}`}</span>
            </span>
            {!session.current && <Button look="plain" isBusy={isBusy} onClick={() => end(session.id)}>End</Button>}
          </li>
        )) : <li><Skeleton height={48} /></li>}
      </ul>
    </section>
  );
}

function browserName(agent: string): string {
  const browser = [["Edg/", "Edge"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]]
    .find(([mark]) => agent.includes(mark ?? ""))?.[1] ?? (agent.split("/")[0] || "A program");
  const system = ["Windows", "Android", "iPhone", "iPad", "Mac", "Linux"].find((name) => agent.includes(name));
  return system ? `${browser} on ${system}` : browser;
}
