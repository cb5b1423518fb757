/** Bundle tests/*.test.ts for Node (which need not understand TypeScript) and run its own test runner. */
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const outDir = join(root, ".cache/tests");
const names = readdirSync(join(root, "tests")).filter((name) => name.endsWith(".test.ts"));
rmSync(outDir, { recursive: true, force: true });
await build({
  root,
  configFile: false,
  logLevel: "warn",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    ssr: true,
    outDir,
    target: "node20",
    rolldownOptions: {
      input: Object.fromEntries(names.map((name) => [name.replace(/\.ts$/, ""), join(root, "tests", name)])),
      output: { entryFileNames: "[name].mjs" },
    },
  },
});
const files = names.map((name) => join(outDir, name.replace(/\.ts$/, ".mjs")));
const { status } = spawnSync(process.execPath, ["--test", "--test-reporter=spec", ...files], { stdio: "inherit" });
process.exit(status ?? 1);
