import { lazy, Suspense, useState } from "react";
import { client } from "../common/client";
import { Button, Skeleton } from "../common/controls";
import { useIsLoggedIn, useQuery } from "../common/query";
import { Link, match, usePlace } from "../common/router";
import { Toasts } from "../common/toast";
import type { Account } from "../common/types";
import { useFeed } from "./feed";
import { LogIn, NoEntry } from "./LogIn";
import { AccountContext } from "./account";
import { Failure } from "./parts";
import { findPage, sections } from "./pages";

/** Where the interface is described, for everyone. */
const interfacePath = "/docs";
const Docs = lazy(async () => ({ default: (await import("../docs/Docs")).Docs }));

/** The console of the staff: a page to log in, and behind it the sections. */
export function Console() {
  const isLoggedIn = useIsLoggedIn();
  const { path } = usePlace();
  if (path === interfacePath) return <Suspense fallback={<main aria-busy="true" />}><Docs /></Suspense>;
  return <>{isLoggedIn ? <Entrance /> : <LogIn />}<Toasts /></>;
}

/** Lets in those whose role allows it. */
function Entrance() {
  const me = useQuery<Account>("/api/v1/auth/me");
  if (me.document?.role === "customer") return <NoEntry email={me.document.email} />;
  if (me.document) return <AccountContext.Provider value={me.document}><Shell account={me.document} /></AccountContext.Provider>;
  if (me.error !== undefined) {
    return <main className="gate"><h1 className="hidden">Console</h1><Failure error={me.error} onRetry={me.reload} /></main>;
  }
  return (
    <main className="gate" aria-busy="true">
      <div className="card stack gate-card"><h1 className="brand">CloudRetail <span>Console</span></h1><Skeleton height={44} /></div>
    </main>
  );
}

function Shell({ account }: { account: Account }) {
  const { path } = usePlace();
  const isLive = useFeed();
  const [isMenuOpen, setMenuOpen] = useState(false);
  return (
    <div className="shell">
      <a className="skip" href="#content">Skip to the content</a>
      <header className="side">
        <div className="side-top">
          <Link to="/console" className="brand">CloudRetail <span>Console</span></Link>
          <Button look="quiet" className="menu" aria-expanded={isMenuOpen} aria-controls="sections"
            onClick={() => setMenuOpen(!isMenuOpen)}>Menu</Button>
        </div>
        <div id="sections" className={isMenuOpen ? "side-body open" : "side-body"}>
          <nav aria-label="Sections">
            <ul>
              {sections.filter((section) => !section.isForAdmins || account.role === "admin").map((section) => (
                <li key={section.path}>
                  <Link to={section.path} aria-current={isWithin(section.path, path) ? "page" : undefined}
                    onClick={() => setMenuOpen(false)}>{section.title}</Link>
                </li>
              ))}
            </ul>
          </nav>
          <div className="side-foot">
            <p className={isLive ? "live on" : "live"} role="status">{isLive ? "Live" : "Connecting"}</p>
            <p className="small muted who">{account.email}<br />{account.role === "admin" ? "Administrator" : "Staff"}</p>
            <div className="row">
              <a className="small" href="/">Shop</a>
              <Button look="plain" className="small" onClick={() => void client.logOut()}>Log out</Button>
            </div>
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1}>{findPage(path, match)}</main>
    </div>
  );
}

const isWithin = (section: string, path: string): boolean =>
  path.replace(/\/$/, "") === section || (section !== "/console" && path.startsWith(`${section}/`));
