// Bundles the shop and the console, and lays them out as any web server can serve them.
//
// usage: node build.mjs SOURCES OUTPUT
//
// Everything under assets/ is named by its content. Beside each file that can be made smaller lie FILE.br and FILE.gz.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { drawPictures, icon } from "./pictures.mjs";

const [sources, output] = process.argv.slice(2);
const fresh = `${output}.fresh`;

/** Bytes of the shop's script, compressed with gzip: what a telephone loads in a moment. */
const scriptBytesMax = 65_000;

const hash = (content) => createHash("sha256").update(content).digest("hex").slice(0, 12);

/** Writes a file under a name made of its content, and says where it is served. */
function asset(name, type, content) {
  const path = `/assets/${name}-${hash(content)}.${type}`;
  mkdirSync(join(fresh, "assets"), { recursive: true });
  writeFileSync(join(fresh, path), content);
  return path;
}

function bundle(pictures) {
  const report = join(fresh, "bundle.json");
  execFileSync("esbuild", [
    join(sources, "shop/main.tsx"), join(sources, "console/main.tsx"), `--outbase=${sources}`, "--bundle", "--minify",
    "--format=iife", "--target=es2020", "--jsx=automatic", "--charset=utf8", "--legal-comments=none",
    "--entry-names=[dir]-[hash]", `--outdir=${join(fresh, "assets")}`, `--metafile=${report}`, "--log-level=warning",
    '--define:process.env.NODE_ENV="production"', `--define:PICTURES=${JSON.stringify(pictures)}`,
  ], { stdio: "inherit", env: { ...process.env, NODE_PATH: "/usr/share/nodejs" } });
  const outputs = Object.keys(JSON.parse(readFileSync(report, "utf8")).outputs);
  rmSync(report);
  return outputs.map((path) => `/assets/${path.split("/").pop()}`);
}

const integrity = (path) =>
  `sha384-${createHash("sha384").update(readFileSync(join(fresh, path))).digest("base64")}`;

function page(file, title, name, assets, iconPath) {
  const find = (type) => assets.find((path) => path.startsWith(`/assets/${name}-`) && path.endsWith(type));
  const style = find(".css");
  const script = find(".js");
  const html = readFileSync(join(sources, "index.html"), "utf8")
    .replace("TITLE", title)
    .replace("ICON", iconPath)
    .replace("STYLE", `<link rel="stylesheet" href="${style}" integrity="${integrity(style)}" crossorigin="anonymous">`)
    .replace("SCRIPT", `<script defer src="${script}" integrity="${integrity(script)}" crossorigin="anonymous"></script>`);
  writeFileSync(join(fresh, file), html);
  return script;
}

/** Puts FILE.br and FILE.gz beside a file, each where it is smaller. */
function compress(path) {
  const content = readFileSync(path);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  for (const [type, smaller] of [[".br", brotliCompressSync(content, quality)], [".gz", gzipSync(content, { level: 9 })]]) {
    if (smaller.length < content.length) writeFileSync(path + type, smaller);
  }
}

function files(folder) {
  return readdirSync(folder).map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? files(path) : [path]));
}

rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });
const pictures = {};
for (const [name, picture] of drawPictures()) pictures[name] = asset(name, "svg", picture);
const iconPath = asset("icon", "svg", icon());
const assets = bundle(pictures);
const script = page("index.html", "CloudRetail", "shop", assets, iconPath);
page("console.html", "CloudRetail console", "console", assets, iconPath);
for (const path of files(fresh)) compress(path);

const size = statSync(join(fresh, `${script}.gz`)).size;
if (size > scriptBytesMax) {
  console.error(`The shop's script has ${size} bytes compressed, more than ${scriptBytesMax}.`);
  process.exit(1);
}
rmSync(output, { recursive: true, force: true });
renameSync(fresh, output);
console.log(`The storefront lies in ${output}; the shop's script has ${size} bytes compressed.`);
