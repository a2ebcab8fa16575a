/** Pictures of the demo catalogue: served as `/assets/NAME-VERSION.svg`. Filled in by the bundler. */
declare const PICTURES: { version: string; names: string[] };
