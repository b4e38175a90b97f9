// WebCrypto is asked, about copies; nobody's word but its own counts.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { afterEach, mock, test } from "node:test";
import { Teeproof, load } from "teeproof/lean";
import { cases, root, sample } from "./support.js";

const teeproof = await load();
const { subtle } = globalThis.crypto;
const { lean: options, input } = sample();
const truth = teeproof.verifySync(input(), options);

afterEach(() => mock.restoreAll());

test("WebCrypto checks every signature, and each once", async () => {
  const verify = mock.method(subtle, "verify");
  const importKey = mock.method(subtle, "importKey");
  const answer = await teeproof.verify(input(), options);
  assert.deepEqual(answer, truth);
  // Both revocation lists, TCB info, QE identity, PCK certificate, QE report, quote. Intel's two CA
  // certificates are known by their bytes.
  assert.equal(verify.mock.callCount(), 7);
  assert.ok(importKey.mock.callCount() < 7);
  for (const { result } of verify.mock.calls) {
    assert.equal(await result, true);
  }
});

// A module of its own, which has imported no key yet.
let modules = 0;
async function fresh() {
  modules += 1;
  const { default: init, call, callAsync } = await import(`../dist/lean.js?${modules}`);
  await init({ module_or_path: await readFile(`${root}js/dist/lean.wasm`) });
  return new Teeproof({ call, callAsync });
}

test("a key is imported once, and a signature is checked in every call", async () => {
  const verify = mock.method(subtle, "verify");
  const importKey = mock.method(subtle, "importKey");
  const own = await fresh();
  for (const round of [1, 2, 3]) {
    assert.deepEqual(await own.verify(input(), options), truth);
    assert.equal(verify.mock.callCount(), 7 * round);
    // Of the root, of the PCK CA, of the signer of TCB info, of the platform, and the attestation key.
    assert.equal(importKey.mock.callCount(), 5);
  }
});

test("the pure path asks nobody", () => {
  const verify = mock.method(subtle, "verify");
  assert.deepEqual(teeproof.verifySync(input(), options), truth);
  assert.equal(verify.mock.callCount(), 0);
});

// Changes what WebCrypto says of one signature, the `which`-th of a call.
function changed(which, change) {
  const verify = subtle.verify.bind(subtle);
  let asked = 0;
  mock.method(subtle, "verify", async (...words) => {
    const own = asked++ === which;
    const answer = await verify(...words);
    return own ? change(answer) : answer;
  });
}

for (let which = 0; which < 7; which += 1) {
  test(`a signature that WebCrypto refuses is refused: number ${which}`, async () => {
    changed(which, () => false);
    const [answer] = await teeproof.verify(input(), options);
    assert.equal(answer.verdict, "rejected");
    assert.ok(answer.checks.some(({ outcome }) => outcome === "failed"));
  });

  for (const [what, change] of [
    ["fails at", () => { throw new Error("no"); }],
    ["says neither yes nor no to", () => "yes"],
    ["says nothing to", () => undefined],
  ]) {
    test(`WebCrypto ${what} one signature, number ${which}: the module checks`, async () => {
      changed(which, change);
      assert.deepEqual(await teeproof.verify(input(), options), truth);
      // A signature that is none: it must not pass for want of an answer.
      const evidence = input();
      evidence.parts.find((part) => part[0] === 4)[640] ^= 1;
      changed(which, change);
      assert.deepEqual(await teeproof.verify(evidence, options), teeproof.verifySync(evidence, options));
    });
  }
}

test("nothing is answered before the last signature is, in whatever order they come", async () => {
  const verify = subtle.verify.bind(subtle);
  const held = [];
  mock.method(subtle, "verify", (...words) => {
    const answer = verify(...words);
    return new Promise((resolve) => held.push(() => resolve(answer)));
  });
  let settled = false;
  const pending = teeproof.verify(input(), options).finally(() => (settled = true));
  while (held.length < 7) {
    await new Promise(setImmediate);
  }
  for (const release of held.reverse()) {
    assert.equal(settled, false);
    release();
    // Long enough for all that follows from it.
    for (let turn = 0; turn < 10; turn += 1) {
      await new Promise(setImmediate);
    }
  }
  assert.deepEqual(await pending, truth);
});

for (const [what, change] of [
  ["keys that cannot be imported", () => mock.method(subtle, "importKey", async () => { throw new Error("no"); })],
  ["an import that throws", () => mock.method(subtle, "importKey", () => { throw new Error("no"); })],
  ["a check that fails", () => mock.method(subtle, "verify", async () => { throw new Error("no"); })],
  ["an answer that is none", () => mock.method(subtle, "verify", async () => "yes")],
]) {
  test(`${what}: the module checks by itself`, async () => {
    const replaced = change();
    assert.deepEqual(await (await fresh()).verify(input(), options), truth);
    assert.ok(replaced.mock.callCount() > 0);
  });
}

test("no WebCrypto at all: the module checks by itself", async () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { configurable: true, value: undefined });
  try {
    assert.deepEqual(await teeproof.verify(input(), options), truth);
  } finally {
    Object.defineProperty(globalThis, "crypto", own);
  }
});

test("a buffer that is changed after the call changes nothing", async () => {
  const evidence = input();
  const pending = teeproof.verify(evidence, options);
  for (const part of evidence.parts) {
    part.fill(0);
  }
  assert.deepEqual(await pending, truth);
});

test("a buffer that is changed before the call does", async () => {
  const evidence = input();
  evidence.parts.find((part) => part[0] === 4)[700] ^= 1;
  const [answer] = await teeproof.verify(evidence, options);
  assert.equal(answer.verdict, "rejected");
  assert.deepEqual([answer], teeproof.verifySync(evidence, options));
});

test("WebCrypto is handed copies", async () => {
  const verify = subtle.verify.bind(subtle);
  const seen = [];
  mock.method(subtle, "verify", (algorithm, key, signature, data) => {
    const promise = verify(algorithm, key, signature.slice(), data.slice());
    signature.fill(0);
    data.fill(0);
    seen.push(data.length);
    return promise;
  });
  assert.deepEqual(await teeproof.verify(input(), options), truth);
  assert.equal(seen.length, 7);
});

test("calls at once do not mix", async () => {
  const all = cases();
  const together = await Promise.all(all.map((one) => teeproof.verify(one.input(), one.lean)));
  all.forEach((one, index) =>
    assert.deepEqual(together[index], teeproof.verifySync(one.input(), one.lean), one.name),
  );
});
