// The example is a program that works.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { root } from "./support.js";

const file = (name) => `${root}fixtures/real/tdx-v4/${name}`;

function run(...names) {
  const program = `${root}js/examples/verify.js`;
  return spawnSync(process.execPath, [program, ...names.map(file)], { encoding: "utf8" });
}

test("it asks the clock, and the sample's collateral has lapsed: that is an answer", () => {
  const { status, stdout, stderr } = run("quote.bin", "collateral.json", "policy.toml");
  assert.equal(status, 6, stderr);
  assert.match(stdout, /^INCONCLUSIVE: /);
  assert.match(stdout, /\n {2}collateral\.valid: /);
});

test("what is no evidence is an error with a code", () => {
  const { status, stdout, stderr } = run("collateral.json", "policy.toml");
  assert.equal(status, 7, stdout);
  assert.match(stderr, /\[\w[\w-]*\]\n$/);
  assert.equal(run().status, 2);
});
