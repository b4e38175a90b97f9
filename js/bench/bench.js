// Size and speed beside the other packages, in one run: `npm run bench [rounds] [count]`. Peers take
// turns, each time in a process of its own; medians are printed, in milliseconds.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { PEERS } from "./peers.js";

const [rounds = 7, count = 100] = process.argv.slice(2).map(Number);
const file = (path) => fileURLToPath(new URL(path, import.meta.url));

console.log(`Node ${process.versions.node}, ${cpus().length} x ${cpus()[0].model}\n`);
console.log("| module | raw | gzip -9 | brotli 11 |\n|---|---:|---:|---:|");
for (const [name, path] of [
  ["teeproof", "../dist/teeproof.wasm"],
  ["teeproof/lean", "../dist/lean.wasm"],
  ["teeproof/full", "../dist/full.wasm"],
  ["@phala/dcap-qvl-web", "../node_modules/@phala/dcap-qvl-web/dcap-qvl-web_bg.wasm"],
]) {
  const bytes = readFileSync(file(path));
  const sizes = [bytes, gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes)];
  console.log(`| ${name} | ${sizes.map(({ length }) => length.toLocaleString("en")).join(" | ")} |`);
}

const measured = Object.fromEntries(Object.keys(PEERS).map((name) => [name, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const [name, runs] of Object.entries(measured)) {
    const text = execFileSync(process.execPath, [file("one.js"), name, String(count)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    runs.push(JSON.parse(text));
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
console.log(`\n| ${rounds} rounds of ${count} | load to first verdict, wall | one verification, CPU | wall |`);
console.log("|---|---:|---:|---:|");
for (const [name, runs] of Object.entries(measured)) {
  const cell = (key) => median(runs.map((run) => run[key])).toFixed(2);
  console.log(`| ${name} | ${cell("first")} | ${cell("cpu")} | ${cell("wall")} |`);
}
