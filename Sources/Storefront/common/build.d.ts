/** Pictures of the demo catalogue, by name: where each is served. Filled in by the bundler. */
declare const PICTURES: Record<string, string>;
