// The first page as it is before anything was read, for the document itself: it is drawn without waiting for a script.
import "./withoutBrowser";
import { renderToString } from "react-dom/server";
import { Shop } from "./Shop";

export const html = renderToString(<Shop />);
