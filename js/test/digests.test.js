// Every fixture: the answer of the command line, by every path.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "teeproof";
import { load as loadFull } from "teeproof/full";
import { load as loadLean } from "teeproof/lean";
import { cases, commandLine } from "./support.js";

const main = await load();
const lean = await loadLean();
const full = await loadFull();

// How the input came in differs. The lean module and the main one have one engine, and says so: no verdict rests on it.
function comparable({ input, checks, ...answer }, path) {
  if (!path.startsWith("full")) {
    checks = checks.filter(({ id }) => id !== "engines.agreement");
    delete answer.engines;
  }
  return { ...answer, checks };
}

for (const { name, input, words, expected, ...options } of cases()) {
  test(name, async () => {
    const { code, answer } = commandLine(words);
    assert.equal(answer.engines, "both");
    if (expected.verdict) {
      assert.equal(answer.verdict, expected.verdict);
      assert.equal(code, expected["exit-code"]);
    }
    const answers = {
      "main": await main.verify(input(), options.lean),
      "lean, pure": lean.verifySync(input(), options.lean),
      "lean, WebCrypto": await lean.verify(input(), options.lean),
      "full, pure": full.verifySync(input(), options.full),
      "full, WebCrypto": await full.verify(input(), options.full),
    };
    for (const [path, [own, ...more]] of Object.entries(answers)) {
      assert.equal(more.length, 0);
      assert.match(own.verdictDigest, /^[0-9a-f]{64}$/);
      assert.equal(own.verdictDigest, answer.verdictDigest, path);
      assert.equal(own.exitCode, code, path);
      assert.deepEqual(comparable(own, path), comparable(answer, path), path);
      assert.equal(own.engines, path.startsWith("full") ? "both" : "single");
    }
  });
}

test("a comparison", async () => {
  const all = cases();
  const [left, right] = ["cluster-prod7", "cluster-prod9"].map((name) =>
    all.find((one) => one.name === `fixtures/forged/${name}`),
  );
  const inputs = () => [left.input(), right.input()];
  const { challenge, ...options } = left.lean;
  const sync = full.compareSync(inputs(), options);
  assert.equal(sync.instances.length, 2);
  assert.match(sync.comparisonDigest, /^[0-9a-f]{64}$/);
  assert.deepEqual(await full.compare(inputs(), options), sync);
});
