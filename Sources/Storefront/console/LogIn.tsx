import { type FormEvent, useEffect, useState } from "react";
import { client } from "../common/client";
import { Button, formValues, TextField } from "../common/controls";
import { Failure } from "./parts";

/** Where staff log in. What it leads to is the page whose address was asked for. */
export function LogIn() {
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => { document.title = "Log in · CloudRetail console"; }, []);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    const { email = "", password = "" } = formValues(event);
    setBusy(true);
    setError(undefined);
    try {
      await client.logIn(email, password);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  return (
    <main className="gate">
      <form className="card stack gate-card" onSubmit={(event) => void submit(event)}>
        <div>
          <p className="brand">CloudRetail <span>Console</span></p>
          <h1>Log in</h1>
        </div>
        <p className="muted small">For staff and administrators of the shop.</p>
        <TextField label="E-mail address" name="email" type="email" autoComplete="username" required />
        <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
        {error !== undefined && <Failure error={error} />}
        <Button type="submit" isBusy={isBusy}>Log in</Button>
        <p className="small"><a href="/">To the shop</a></p>
      </form>
    </main>
  );
}

/** What a customer sees here: an account of the shop is none of the console. */
export function NoEntry({ email }: { email: string }) {
  useEffect(() => { document.title = "No entry · CloudRetail console"; }, []);
  return (
    <main className="gate">
      <div className="card stack gate-card">
        <h1>No entry</h1>
        <p>{email} is a customer’s account. The console is for staff; an administrator can give the account that role.</p>
        <div className="row">
          <Button onClick={() => void client.logOut()}>Log in with another account</Button>
          <a href="/">To the shop</a>
        </div>
      </div>
    </main>
  );
}
