// What ships: these files, of these sizes, and a bundler takes them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { build } from "vite";
import { root } from "./support.js";

const home = `${root}js`;

test("npm pack gives what is meant to ship", () => {
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: home }),
  );
  assert.deepEqual(packed.files.map(({ path }) => path).sort(), [
    "README.md",
    "dist/full.js",
    "dist/full.wasm",
    "dist/lean.js",
    "dist/lean.wasm",
    "dist/node-full.js",
    "dist/node-lean.js",
    "dist/node.js",
    "dist/teeproof.js",
    "dist/teeproof.wasm",
    "package.json",
    "src/answers.d.ts",
    "src/full.d.ts",
    "src/full.js",
    "src/index.d.ts",
    "src/index.js",
    "src/lean.d.ts",
    "src/lean.js",
    "src/needs.d.ts",
    "src/needs.js",
    "src/open.js",
    "src/teeproof.js",
  ]);
  const manifest = JSON.parse(readFileSync(`${home}/package.json`, "utf8"));
  assert.equal(manifest.dependencies, undefined);
  assert.match(readFileSync(`${root}Cargo.toml`, "utf8"), new RegExp(`\nversion = "${manifest.version}"\n`));
});

test("Node loads one file, and all modules have one class of errors", async () => {
  const imported = (name) => {
    const lines = readFileSync(`${home}/dist/${name}`, "utf8").matchAll(/^import .* from "(.*)";$/gm);
    return [...lines].map(([, from]) => from).sort();
  };
  assert.deepEqual(imported("node.js"), ["node:fs/promises"]);
  assert.deepEqual(imported("node-lean.js"), ["./node.js", "node:fs/promises"]);
  assert.deepEqual(imported("node-full.js"), ["./node.js", "node:fs/promises"]);
  const [main, ...others] = await Promise.all(["", "/lean", "/full"].map((name) => import(`teeproof${name}`)));
  for (const other of others) {
    assert.deepEqual(Object.keys(main), Object.keys(other));
    assert.equal(main.TeeproofError, other.TeeproofError);
    assert.equal(main.Teeproof, other.Teeproof);
  }
});

test("the types fit what is called, and refuse what is not", () => {
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom"];
  const tsc = join(home, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, ...options, "test/types.mts"], { cwd: home, stdio: "inherit" });
});

test("the modules are within their budgets", () => {
  const { budgets } = JSON.parse(readFileSync(`${home}/size-budget.json`, "utf8"));
  for (const [name, { raw, brotli }] of Object.entries(budgets)) {
    const bytes = readFileSync(`${home}/dist/${name}`);
    assert.ok(bytes.length <= raw, `${name}: ${bytes.length} bytes, and the budget is ${raw}`);
    const small = brotliCompressSync(bytes).length;
    assert.ok(small <= brotli, `${name}: ${small} bytes of brotli, and the budget is ${brotli}`);
  }
});

async function bundled(source) {
  const folder = mkdtempSync(join(home, "node_modules", ".test-"));
  try {
    writeFileSync(join(folder, "index.html"), '<script type="module" src="/main.js"></script>');
    writeFileSync(join(folder, "main.js"), source);
    await build({ root: folder, logLevel: "error", configFile: false });
    const assets = join(folder, "dist", "assets");
    return Object.fromEntries(readdirSync(assets).map((name) => [name, readFileSync(join(assets, name))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const ending = (assets, end) => Object.keys(assets).filter((name) => name.endsWith(end));

test("Vite bundles the main module, and each of the others as a chunk of its own", async () => {
  const bytes = (name) => readFileSync(`${home}/dist/${name}.wasm`);
  const built = (assets, name) => ending(assets, ".wasm").filter((path) => assets[path].equals(bytes(name))).length;
  const main = await bundled('import { load } from "teeproof"; globalThis.load = load;');
  assert.deepEqual(["teeproof", "lean", "full"].map((name) => built(main, name)), [1, 1, 0]);
  const scripts = ending(main, ".js").map((name) => main[name].toString());
  const [first, ...more] = scripts.filter((script) => /teeproof-[^"]*\.wasm/.test(script));
  assert.equal(more.length, 0);
  assert.match(first, /fetch/);
  assert.doesNotMatch(first, /node:|lean-[^"]*\.wasm/);
  assert.equal(scripts.filter((script) => /lean-[^"]*\.wasm/.test(script)).length, 1);
  const lazy = await bundled('globalThis.load = async () => (await import("teeproof/full")).load();');
  assert.deepEqual(["teeproof", "lean", "full"].map((name) => built(lazy, name)), [0, 0, 1]);
  assert.equal(ending(lazy, ".js").length, 2);
});

test("what is not used is shaken off", async () => {
  const assets = await bundled('import { TeeproofError } from "teeproof"; globalThis.E = TeeproofError;');
  // Vite puts the file of a `new URL` beside the script even so; no script loads it.
  const [script, ...more] = ending(assets, ".js").map((name) => assets[name].toString());
  assert.equal(more.length, 0);
  assert.match(script, /TeeproofError/);
  assert.doesNotMatch(script, /__wbg|\.wasm|callAsync/);
});
