// Stands in for the browser while pages are drawn at the build: there is no session, and nothing is kept.
const ignore = () => undefined;
const location = { pathname: "/", search: "", origin: "" };
Object.assign(globalThis, {
  window: { addEventListener: ignore },
  document: { querySelector: () => null },
  location,
  localStorage: { getItem: () => null },
  sessionStorage: { getItem: () => null },
  BroadcastChannel: class {},
});
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en"] } });

/** Goes to the page at a path. */
export function openPage(path: string): void {
  location.pathname = path;
}
