import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../common/base.css";
import "./console.css";

/** The console of the staff: its pages are drawn from here. */
function Console() {
  return <main className="console"><h1>Console</h1></main>;
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<StrictMode><Console /></StrictMode>);
