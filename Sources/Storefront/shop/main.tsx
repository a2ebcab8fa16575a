import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../common/base.css";
import "./shop.css";
import { Shop } from "./Shop";

const root = document.getElementById("root");
if (root) createRoot(root).render(<StrictMode><Shop /></StrictMode>);
