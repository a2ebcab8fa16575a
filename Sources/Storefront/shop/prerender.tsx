// The shop's pages as they are before anything was read, for the documents themselves: each is drawn without waiting for
// a script.
import { openPage } from "./withoutBrowser";
import { renderToString } from "react-dom/server";
import { prepare, Shop } from "./Shop";

/** Draws the page at a path. */
export async function draw(path: string): Promise<string> {
  openPage(path);
  await prepare(path);
  return renderToString(<Shop />);
}
