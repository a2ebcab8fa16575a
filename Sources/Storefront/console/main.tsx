import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../common/base.css";
import "./console.css";
import "../docs/docs.css";
import { Console } from "./Console";

const root = document.getElementById("root");
if (root) createRoot(root).render(<StrictMode><Console /></StrictMode>);
