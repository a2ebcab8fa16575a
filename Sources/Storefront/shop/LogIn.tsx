import type { FormEvent } from "react";
import { client } from "../common/client";
import { Button, formValues, Notice, TextField } from "../common/controls";
import { explain, Problem } from "../common/problem";
import { Link, navigate, usePlace } from "../common/router";
import { useAttempt } from "./attempt";
import { loadCart } from "./cart";
import { Page } from "./Page";

/** Where to go on to: a path of the shop, never another site. */
function useNext(): string {
  const next = usePlace().query.get("next") ?? "/account";
  return next.startsWith("/") && !next.startsWith("//") && !next.includes("\\") ? next : "/account";
}

const withNext = (path: string, next: string): string => (next === "/account" ? path : `${path}?next=${encodeURIComponent(next)}`);

/** Logs in, and takes the guest's cart along. */
async function enter(email: string, password: string): Promise<void> {
  await client.logIn(email, password);
  await loadCart();
}

/** What a customer is told instead of the interface's own titles, which speak to a program's author. */
const formWords: Record<string, string> = {
  invalid_fields: "Something is not right yet. Please look at what is marked below.",
  email_taken: "There is an account with this e-mail address already. Log in instead, or take another address.",
  invalid_credentials: "The e-mail address or the password is wrong.",
};

/** What a refused form says as a whole; what its fields say stands at the fields. */
export function FormFault({ error }: { error: unknown }) {
  if (error === undefined) return null;
  return <Notice tone="bad">{error instanceof Problem ? formWords[error.code] ?? error.document.title : explain(error)}</Notice>;
}

export const faultOf = (error: unknown, pointer: string): string | undefined => {
  const detail = error instanceof Problem ? error.fieldError(pointer) : undefined;
  return detail && `This ${detail}.`;
};

// Neither form is sent before its script is there: the browser would write the password into the address.
export function LogIn() {
  const next = useNext();
  const { isDrawnAhead } = usePlace();
  const { error, isBusy, run } = useAttempt();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const { email = "", password = "" } = formValues(event);
    run(async () => {
      await enter(email, password);
      navigate(next, { replaces: true });
    });
  };
  return (
    <Page title="Log in">
      <form className="narrow stack" onSubmit={submit}>
        <FormFault error={error} />
        <TextField label="E-mail" name="email" type="email" autoComplete="username" required />
        <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
        <Button type="submit" isBusy={isBusy} disabled={isDrawnAhead}>Log in</Button>
        <p className="muted">New here? <Link to={withNext("/register", next)}>Create an account</Link></p>
      </form>
    </Page>
  );
}

/** Characters of the shortest password that a node takes unless it is set otherwise. */
const passwordLengthMin = 15;

export function Register() {
  const next = useNext();
  const { isDrawnAhead } = usePlace();
  const { error, isBusy, run } = useAttempt();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const values = formValues(event);
    run(async () => {
      await client.post("/api/v1/auth/register", values, { as: "anyone" });
      await enter(values["email"] ?? "", values["password"] ?? "");
      navigate(next, { replaces: true });
    });
  };
  return (
    <Page title="Create an account">
      <form className="narrow stack" onSubmit={submit}>
        <FormFault error={error} />
        <div className="pair">
          <TextField
            label="First name" name="first_name" autoComplete="given-name" maxLength={100} fault={faultOf(error, "/first_name")}
          />
          <TextField
            label="Last name" name="last_name" autoComplete="family-name" maxLength={100} fault={faultOf(error, "/last_name")}
          />
        </div>
        <TextField label="E-mail" name="email" type="email" autoComplete="username" required fault={faultOf(error, "/email")} />
        <TextField
          label="Password" name="password" type="password" autoComplete="new-password" required maxLength={128}
          hint={`${passwordLengthMin} characters or more; a sentence is easy to remember.`} fault={faultOf(error, "/password")}
        />
        <Button type="submit" isBusy={isBusy} disabled={isDrawnAhead}>Create account</Button>
        <p className="muted">Been here before? <Link to={withNext("/log-in", next)}>Log in</Link></p>
      </form>
    </Page>
  );
}
