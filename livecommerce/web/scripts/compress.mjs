/**
 * Put .br and .gz beside every compressible file of dist/, and write dist/sizes.json.
 *
 * viewer_js_kb is the brotli size, in KB of 1000 bytes, of all script that live.html loads
 * before the first frame of video: its entry, and what the entry imports statically. The build
 * fails above the hard limit; above the budget it says so.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");
const budgetKb = 60;
const hardLimitKb = 100;

function brotli(bytes) {
  return brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}

const sizes = new Map();
for (const entry of readdirSync(dist, { withFileTypes: true, recursive: true })) {
  if (!entry.isFile() || !/\.(html|js|css|svg|json)$/.test(entry.name) || entry.name === "sizes.json") continue;
  const path = join(entry.parentPath, entry.name);
  const bytes = readFileSync(path);
  const br = brotli(bytes);
  writeFileSync(`${path}.br`, br);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  sizes.set(path.slice(dist.length + 1), br.length);
}

const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));

function eager(page) {
  const chunks = new Map();
  const visit = (key) => {
    if (chunks.has(key)) return;
    chunks.set(key, manifest[key]);
    for (const next of manifest[key].imports ?? []) visit(next);
  };
  visit(page);
  return [...chunks.values()];
}

const kb = (bytes) => Math.round(bytes / 100) / 10;

const pages = Object.fromEntries(Object.keys(manifest).filter((key) => key.endsWith(".html")).map((page) => {
  const chunks = eager(page);
  const styles = new Set(chunks.flatMap((chunk) => chunk.css ?? []));
  return [page, {
    js_kb: kb(chunks.reduce((total, chunk) => total + sizes.get(chunk.file), 0)),
    css_kb: kb([...styles].reduce((total, file) => total + sizes.get(file), 0)),
  }];
}));
const report = { viewer_js_kb: pages["live.html"].js_kb, budget_kb: budgetKb, hard_limit_kb: hardLimitKb, pages };
writeFileSync(join(dist, "sizes.json"), JSON.stringify(report, null, 2) + "\n");
console.log(`viewer_js_kb ${report.viewer_js_kb} (brotli; budget ${budgetKb}, hard limit ${hardLimitKb})`);
if (report.viewer_js_kb > budgetKb) console.warn(`viewer script is over its budget of ${budgetKb} KB`);
if (report.viewer_js_kb > hardLimitKb) {
  console.error(`viewer script is over the hard limit of ${hardLimitKb} KB`);
  process.exit(1);
}
