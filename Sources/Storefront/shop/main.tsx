import "./early";
import { StrictMode } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import "../common/base.css";
import "./shop.css";
import { prepare, Shop } from "./Shop";

const root = document.getElementById("root");
const shop = <StrictMode><Shop /></StrictMode>;
if (root?.hasChildNodes()) hydrateRoot(root, shop);
else if (root) void prepare(location.pathname).catch(() => undefined).then(() => createRoot(root).render(shop));
