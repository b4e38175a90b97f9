// What is wrong is an error with a code, or a verdict that says so.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { TeeproofError, load } from "teeproof/lean";
import { load as loadFull } from "teeproof/full";
import { root, sample } from "./support.js";

const teeproof = await load();
const full = await loadFull();
const { lean: options, full: toml, input } = sample();

function refused(run, code) {
  assert.throws(run, (error) => {
    assert.ok(error instanceof TeeproofError);
    assert.equal(error.code, code);
    assert.ok(error.message.length > 5, error.message);
    return true;
  });
}

test("requests that are wrong", async () => {
  const verify = (input, options) => () => teeproof.verifySync(input, options);
  const some = input();
  refused(verify(some, { ...options, at: undefined }), "instant");
  refused(verify(some, { ...options, at: -1 }), "request");
  refused(verify(some, { ...options, at: 1.5 }), "request");
  refused(verify(some, { ...options, at: Number.MAX_SAFE_INTEGER }), "instant");
  refused(verify(some, { ...options, atIsnow: true }), "request");
  refused(verify(some, { ...options, policy: "{" }), "policy");
  refused(verify(some, toml), "policy");
  refused(verify(some, { ...options, root: "00" }), "root");
  refused(verify(some, { ...options, expect: { appIds: ["zz"] } }), "hex");
  refused(verify(some, { ...options, challenge: { bytes: "00", rule: "none" } }), "challenge-rule");
  refused(verify({ parts: ["nothing"] }, options), "unreadable");
  refused(verify({ parts: [7] }, options), "argument");
  refused(verify({ parts: [null] }, options), "argument");
  await assert.rejects(teeproof.verify({ parts: ["nothing"] }, options), { code: "unreadable" });
  await assert.rejects(teeproof.verify({ parts: [{}] }, options), { code: "argument" });
});

test("what is too large is refused before it is copied", async () => {
  const before = process.memoryUsage().arrayBuffers;
  // Not touched, so no memory is taken for it.
  const large = new Uint8Array(200 * 1024 * 1024);
  refused(() => teeproof.verifySync({ parts: [large] }, options), "too-large");
  await assert.rejects(teeproof.verify({ parts: [large] }, options), { code: "too-large" });
  refused(() => full.inspect([large]), "too-large");
  // Nothing of its size came to be beside it.
  assert.ok(process.memoryUsage().arrayBuffers < before + 1.5 * large.length);
});

test("a flipped bit anywhere in the quote is never the same verdict", () => {
  const evidence = input();
  const place = evidence.parts.findIndex((part) => part[0] === 4 && part[1] === 0);
  const whole = evidence.parts[place];
  const [{ verdict }] = teeproof.verifySync(evidence, options);
  assert.equal(verdict, "genuine");
  for (let offset = 0; offset < 1200; offset += 97) {
    const parts = [...evidence.parts];
    parts[place] = whole.slice();
    parts[place][offset] ^= 1;
    try {
      const [answer] = teeproof.verifySync({ parts }, options);
      assert.notEqual(answer.verdict, verdict, `byte ${offset}`);
    } catch (error) {
      assert.equal(error.code, "unreadable", `byte ${offset}`);
    }
  }
});

test("parts as bytes, text, buffers and views are the same", () => {
  const evidence = input();
  const [truth] = teeproof.verifySync(evidence, options);
  const texts = evidence.parts.map((part) => Buffer.from(part).toString("hex"));
  const quote = texts.findIndex((text) => text.startsWith("0400"));
  for (const change of [
    (part) => part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength),
    (part) => new DataView(part.buffer, part.byteOffset, part.byteLength),
    (part, index) => (index === quote ? texts[index] : new TextDecoder().decode(part)),
  ]) {
    const parts = evidence.parts.map(change);
    const [answer] = teeproof.verifySync({ parts }, options);
    assert.equal(answer.verdictDigest, truth.verdictDigest);
  }
});

test("the other operations", async () => {
  const checks = full.checks();
  assert.equal(checks[0].number, 101);
  const [answer] = teeproof.verifySync(input(), options);
  assert.deepEqual(checks.map(({ id }) => id), answer.checks.map(({ id }) => id));
  const explained = full.explainPolicy(options.policy);
  assert.deepEqual(explained, answer.policy);
  assert.deepEqual(full.explainPolicy(toml.policy), explained);
  const inspections = full.inspect(input().parts);
  assert.ok(inspections.every(({ trusted }) => trusted === false));
  const bundle = full.bundle(input().parts, { label: "one", capturedAt: options.at });
  const [bundled] = teeproof.verifySync({ parts: [bundle] }, options);
  assert.equal(bundled.verdictDigest, answer.verdictDigest);
  assert.equal(bundled.input.kind, "bundle");
  assert.equal(bundled.selfAsserted.label, "one");
  refused(() => full.bundle([input().parts[0]], { label: "x", more: 1 }), "request");
  refused(() => full.bundle(["{}"]), "unreadable");
  // The lean module judges and does nothing else.
  refused(() => teeproof.checks(), "unknown-operation");
  refused(() => teeproof.compareSync([input(), input()], options), "unknown-operation");
});

// The glue of wasm-bindgen for what `wasm/src` declares: bytes in, promises, WebCrypto.
const IMPORTS = [
  "__wbg___wbindgen_boolean_get",
  "__wbg___wbindgen_is_object",
  "__wbg___wbindgen_throw",
  "__wbg__wbg_cb_unref",
  "__wbg_allSettled",
  "__wbg_get_unchecked",
  "__wbg_importKey",
  "__wbg_length",
  "__wbg_new",
  "__wbg_new_from_slice",
  "__wbg_parse",
  "__wbg_prototypesetcall",
  "__wbg_push",
  "__wbg_reject",
  "__wbg_resolve",
  "__wbg_then",
  "__wbg_value",
  "__wbg_verify",
  "__wbindgen_generic",
  "__wbindgen_init_externref_table",
];

// What the main module traps at, it does not answer.
const LEFT_OUT = { teeproof: ["__wbg___wbindgen_throw", "__wbg_reject", "__wbg_resolve"] };

for (const name of ["teeproof", "lean", "full"]) {
  test(`${name} asks the world for WebCrypto and nothing else`, async () => {
    const module = await WebAssembly.compile(readFileSync(`${root}js/dist/${name}.wasm`));
    const imports = WebAssembly.Module.imports(module).map(({ name }) => name.replace(/_[0-9a-f]{16}$/, ""));
    const expected = IMPORTS.filter((one) => !LEFT_OUT[name]?.includes(one));
    assert.deepEqual([...new Set(imports)].sort(), expected);
    const exports = WebAssembly.Module.exports(module).map(({ name }) => name);
    const own = exports.filter((one) => !/^(__|wasm_bindgen_)/.test(one));
    assert.deepEqual(own.sort(), ["call", "callAsync", "memory"]);
  });
}
