// Stands in for the browser while the first page is drawn at the build: there is no session, and nothing is kept.
const ignore = () => undefined;
Object.assign(globalThis, {
  window: { addEventListener: ignore },
  document: { querySelector: () => null },
  location: { pathname: "/", search: "", origin: "" },
  localStorage: { getItem: () => null },
  sessionStorage: { getItem: () => null },
  BroadcastChannel: class {},
});
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en"] } });

export {};
