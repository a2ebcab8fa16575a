declare module "js-yaml" {
  /** Reads a document of YAML 1.2. */
  export function load(text: string): unknown;
}
