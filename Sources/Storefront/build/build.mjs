// Bundles the shop and the console, and lays them out as any web server can serve them.
//
// usage: node build.mjs SOURCES OUTPUT
//
// Everything under assets/ is named by its content, all pictures by theirs together. Beside each file that can be made smaller lie FILE.br and FILE.gz.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { drawPictures, icon } from "./pictures.mjs";

// Debian's packages are found by NODE_PATH, which only `require` looks at.
const require = createRequire(import.meta.url);
const terser = require("terser");

const [sources, output] = process.argv.slice(2);
const fresh = `${output}.fresh`;

/**
 * Bytes of a page's scripts before it is drawn, compressed with gzip: a moment on a telephone for the shop, the console
 * is opened once a day.
 */
const scriptBytesMax = { shop: 65_000, console: 90_000 };

const hash = (content) => createHash("sha256").update(content).digest("hex").slice(0, 12);

/** Writes a file, and says where it is served. */
function write(path, content) {
  writeFileSync(join(fresh, path), content);
  return path;
}

/** How scripts are made smaller once more: the names that terser gives compress better than those of esbuild. */
const shortening = { module: true, ecma: 2020, compress: { passes: 2 } };
// A script is named by what esbuild writes. This line is part of that, so that another terser gives other names.
const shortenedBy = `--banner:js=/* terser ${require("terser/package.json").version} ${JSON.stringify(shortening)} */`;

/** Bundles the script of a page, with what is loaded later in parts of its own. Says what came out, by the path under which it is served. */
async function bundle(name, pictures) {
  const report = join(fresh, "bundle.json");
  execFileSync("esbuild", [
    join(sources, name, "main"), `--outbase=${sources}`, "--bundle", "--minify",
    "--format=esm", "--splitting", "--target=es2020", "--jsx=automatic", "--charset=utf8", "--legal-comments=none",
    "--entry-names=[dir]-[hash]", "--chunk-names=part-[hash]", `--outdir=${join(fresh, "assets")}`,
    `--metafile=${report}`, "--log-level=warning", shortenedBy,
    '--define:process.env.NODE_ENV="production"', `--define:PICTURES=${JSON.stringify(pictures)}`,
  ], { stdio: "inherit", env: { ...process.env, NODE_PATH: "/usr/share/nodejs" } });
  const outputs = JSON.parse(readFileSync(report, "utf8")).outputs;
  rmSync(report);
  for (const path of Object.keys(outputs).filter((path) => path.endsWith(".js"))) {
    writeFileSync(path, (await terser.minify(readFileSync(path, "utf8"), shortening)).code);
  }
  const served = (path) => `/assets/${path.split("/").pop()}`;
  return new Map(Object.entries(outputs).map(([path, output]) => [served(path), {
    source: output.entryPoint?.split("/").pop(),
    style: output.cssBundle && served(output.cssBundle),
    parts: output.imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => served(path)),
  }]));
}

/** What a script needs before it runs: the parts that it imports, and those that they import. */
function partsOf(script, bundled, found = new Set()) {
  for (const part of bundled.get(script).parts) {
    if (!found.has(part)) partsOf(part, bundled, found.add(part));
  }
  return found;
}

const integrity = (path) =>
  `sha384-${createHash("sha384").update(readFileSync(join(fresh, path))).digest("base64")}`;

/** The documents of the shop: the path of a page that each is for, and the sources of what draws it once it is loaded. */
const shopDocuments = {
  "index.html": { path: "/", parts: ["takeOver.tsx"] },
  "search.html": { path: "/search", parts: ["takeOver.tsx", "Browse.tsx"] },
  "product.html": { path: "/products/any", parts: ["takeOver.tsx", "later.ts"] },
  "cart.html": { path: "/cart", parts: ["takeOver.tsx", "later.ts"] },
  "checkout.html": { path: "/checkout", parts: ["takeOver.tsx", "later.ts"] },
  "orders.html": { path: "/orders", parts: ["takeOver.tsx", "later.ts"] },
  "order.html": { path: "/orders/any", parts: ["takeOver.tsx", "later.ts"] },
  "account.html": { path: "/account", parts: ["takeOver.tsx", "later.ts"] },
  "log-in.html": { path: "/log-in", parts: ["takeOver.tsx", "later.ts"] },
  "register.html": { path: "/register", parts: ["takeOver.tsx", "later.ts"] },
  "missing.html": { path: "/missing", parts: ["takeOver.tsx", "later.ts"] },
};

/** The documents of the shop with their pages as HTML, as they are before anything was read. */
function drawDocuments(pictures) {
  const program = join(fresh, "prerender.cjs");
  execFileSync("esbuild", [
    join(sources, "shop", "prerender.tsx"), "--bundle", "--platform=node", "--format=cjs", "--jsx=automatic",
    "--charset=utf8", `--outfile=${program}`, "--log-level=warning",
    '--define:process.env.NODE_ENV="production"', `--define:PICTURES=${JSON.stringify(pictures)}`,
  ], { stdio: "inherit", env: { ...process.env, NODE_PATH: "/usr/share/nodejs" } });
  const draw = `require(process.argv[1]).draw(process.argv[2]).then((html) => process.stdout.write(html))`;
  const documents = Object.entries(shopDocuments).map(([file, { path, parts }]) => {
    const drawn = execFileSync("node", ["-e", draw, program, path], { encoding: "utf8" });
    if (drawn.includes(" style=")) throw new Error(`The page at ${path} has a style in it, which its policy forbids.`);
    return [file, { drawn, parts }];
  });
  rmSync(program);
  return Object.fromEntries(documents);
}

/**
 * Writes the documents of a page, each with what is drawn in it before the scripts are there. Says which scripts the
 * first one loads.
 */
async function page(documents, title, name, pictures, iconPath) {
  const bundled = await bundle(name, pictures);
  const scriptOf = (wanted) => [...bundled].find(([, { source }]) => source === wanted)[0];
  const script = [...bundled].find(([, { source }]) => source?.startsWith("main."))[0];
  const checked = (path) => `"${path}" integrity="${integrity(path)}" crossorigin="anonymous"`;
  const loaded = Object.entries(documents).map(([file, { drawn, parts }]) => {
    const needed = parts.map(scriptOf);
    const ahead = new Set([script, ...needed].flatMap((path) => [...partsOf(path, bundled)]).concat(needed));
    const html = readFileSync(join(sources, "index.html"), "utf8")
      .replace("TITLE", title)
      .replace("ICON", iconPath)
      .replace("STYLE", `<link rel="stylesheet" href=${checked(bundled.get(script).style)}>`)
      .replace("SCRIPT", `<script type="module" src=${checked(script)}></script>`)
      .replace("PARTS", [...ahead].map((path) => `<link rel="modulepreload" href=${checked(path)}>`).join("\n    "))
      .replace("DRAWN", () => drawn);
    writeFileSync(join(fresh, file), html);
    return [script, ...ahead];
  });
  return loaded[0];
}

/** Puts FILE.br and FILE.gz beside a file, each where it is smaller. */
function compress(path) {
  const content = readFileSync(path);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  for (const [type, smaller] of [[".br", brotliCompressSync(content, quality)], [".gz", gzipSync(content, { level: 9 })]]) {
    if (smaller.length < content.length) writeFileSync(path + type, smaller);
  }
}

/** Bytes of a file as it is served to a browser that takes gzip. */
function servedBytes(path) {
  const compressed = join(fresh, `${path}.gz`);
  return statSync(existsSync(compressed) ? compressed : join(fresh, path)).size;
}

function files(folder) {
  return readdirSync(folder).map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? files(path) : [path]));
}

rmSync(fresh, { recursive: true, force: true });
mkdirSync(join(fresh, "assets"), { recursive: true });
const drawn = drawPictures();
const version = hash(JSON.stringify(drawn));
for (const [name, picture] of drawn) write(`/assets/${name}-${version}.svg`, picture);
const pictures = { version, names: drawn.map(([name]) => name) };
const iconPath = write(`/assets/icon-${hash(icon())}.svg`, icon());
const scripts = {
  shop: await page(drawDocuments(pictures), "CloudRetail", "shop", pictures, iconPath),
  console: await page({ "console.html": { drawn: "", parts: [] } }, "CloudRetail console", "console", pictures, iconPath),
};
for (const path of files(fresh)) compress(path);

const sizes = Object.entries(scripts).map(([name, paths]) => {
  const bytes = paths.reduce((sum, path) => sum + servedBytes(path), 0);
  if (bytes <= scriptBytesMax[name]) return `the ${name}'s scripts have ${bytes} bytes`;
  console.error(`The ${name}'s scripts have ${bytes} bytes compressed, more than ${scriptBytesMax[name]}.`);
  process.exit(1);
});
rmSync(output, { recursive: true, force: true });
renameSync(fresh, output);
console.log(`The storefront lies in ${output}. Compressed, ${sizes.join(", ")}.`);
