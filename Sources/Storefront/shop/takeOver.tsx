import { StrictMode } from "react";
import { flushSync } from "react-dom";
import { hydrateRoot } from "react-dom/client";
import { currentPath } from "../common/router";
import { prepare, prepareAll, Shop } from "./Shop";

/** So many milliseconds after its own page a browser loads the others. */
const pause = 500;

// What is not loaded now is loaded when it is needed.
const ignore = () => undefined;

/** Takes over what the build has drawn, and fills in what has been read meanwhile, before anything else is painted. */
async function takeOver(root: HTMLElement): Promise<void> {
  await prepare(currentPath()).catch(ignore);
  flushSync(() => hydrateRoot(root, <StrictMode><Shop /></StrictMode>));
  setTimeout(() => void prepareAll().catch(ignore), pause);
}

const root = document.getElementById("root");
if (root) void takeOver(root);
