/** An icon for the browser's tab. */
export const icon = () =>
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b6b4f"/>'
  + '<path d="M9 13h14l-1.4 10H10.4zM12 13a4 4 0 0 1 8 0" fill="none" stroke="#fff" stroke-width="2.2"/></svg>';

/** Every picture of the demo catalogue: name and SVG. */
export function* drawPictures() {}
