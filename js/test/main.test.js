// The main module answers as the lean one does, or not at all; then the lean one is asked.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { afterEach, mock, test } from "node:test";
import { Teeproof, TeeproofError } from "teeproof";
import { load as loadLean } from "teeproof/lean";
import { cases, root, sample } from "./support.js";

const mainModule = new WebAssembly.Module(readFileSync(`${root}js/dist/teeproof.wasm`));
const lean = await loadLean();

afterEach(() => mock.restoreAll());

// A main module of its own, which has not trapped yet, and how often the lean one was loaded for it.
let instances = 0;
async function fresh(load = async () => lean) {
  instances += 1;
  const glue = await import(`../dist/teeproof.js?${instances}`);
  glue.initSync({ module: mainModule });
  const loading = mock.fn(load);
  return { teeproof: new Teeproof(glue, loading), loaded: () => loading.mock.callCount() };
}

const outOfReach = async () => {
  throw new TypeError("Failed to fetch");
};

const all = cases();
const named = (name) => all.find((one) => one.name === `fixtures/${name}`);
const without = ({ policy, ...options }) => options;
const genuine = { ...without(sample().lean), at: Date.parse("2025-06-27T00:00:00Z") / 1000 };

const IN_ORDER = [
  ["a quote by itself", sample().input, genuine],
  ["a quote of version 5", named("real/tdx-v5-td15ex").input, without(named("real/tdx-v5-td15ex").lean)],
  ...["real/tdx-v5-td15ex", "forged/tdx-v4", "forged/dstack-0-3", "forged/mr-config-v3", "forged/cluster-prod7"]
    .map((name) => [`${name} by its policy`, named(name).input, named(name).lean]),
];

for (const [what, input, options] of IN_ORDER) {
  test(`${what} is answered by the main module alone`, async () => {
    const { teeproof, loaded } = await fresh(outOfReach);
    const [answer] = await teeproof.verify(input(), options);
    assert.match(answer.verdict, /^(trusted|genuine|simulated)$/);
    assert.deepEqual([answer], await lean.verify(input(), options));
    assert.equal(loaded(), 0);
  });
}

test("one module answers all of them, one after the other and at once", async () => {
  const { teeproof, loaded } = await fresh(outOfReach);
  for (let round = 0; round < 3; round += 1) {
    const answers = await Promise.all(IN_ORDER.map(([, input, options]) => teeproof.verify(input(), options)));
    for (const [index, [what, input, options]] of IN_ORDER.entries()) {
      assert.deepEqual(answers[index], await lean.verify(input(), options), what);
    }
  }
  assert.equal(loaded(), 0);
});

// What is out of order, in as many ways as there are fixtures and more.
const quote = (input) => input.parts.find((part) => part[0] === 4 && part[1] === 0);
const flipped = (offset) => () => {
  const input = sample().input();
  quote(input)[offset] ^= 1;
  return input;
};
const OUT_OF_ORDER = [
  ...all.filter(({ expected }) => /rejected|inconclusive/.test(expected.verdict)).map((one) => [one.name, one.input, one.lean]),
  ...[0, 2, 100, 400, 640, 700, 1000, 1500].map((offset) => [`a bit of byte ${offset} turned`, flipped(offset), genuine]),
  ["no collateral", () => ({ parts: [quote(sample().input())] }), genuine],
  ["no evidence", () => ({ parts: [] }), genuine],
  ["collateral that lapsed", sample().input, { ...genuine, at: genuine.at + 1e8 }],
  ["another root", sample().input, { ...genuine, root: named("forged/tdx-v4").lean.root }],
  ["a policy that nobody wrote for it", sample().input, { ...genuine, policy: named("forged/tdx-v4").lean.policy }],
];

for (const [what, input, options] of OUT_OF_ORDER) {
  test(`out of order, so the lean module answers: ${what}`, async () => {
    const { teeproof, loaded } = await fresh();
    const outcome = (one) => one.verify(input(), options).catch(({ code, message }) => ({ code, message }));
    const answer = await outcome(teeproof);
    assert.deepEqual(answer, await outcome(lean));
    assert.ok(answer.code || !/^(trusted|genuine|simulated)$/.test(answer[0]?.verdict));
    assert.equal(loaded(), 1);
    // And it goes on answering, without the main one.
    assert.deepEqual(await teeproof.verify(sample().input(), genuine), await lean.verify(sample().input(), genuine));
    assert.equal(loaded(), 1);
  });
}

test("a signature that WebCrypto refuses, or says nothing to, is checked again by the lean module", async () => {
  const verify = crypto.subtle.verify.bind(crypto.subtle);
  for (const said of [false, undefined, "yes"]) {
    for (let which = 0; which < 7; which += 1) {
      const { teeproof, loaded } = await fresh();
      let asked = 0;
      mock.method(crypto.subtle, "verify", async (...words) => {
        const answer = await verify(...words);
        return asked++ === which ? said : answer;
      });
      // What WebCrypto says the second time is what counts.
      assert.deepEqual(await teeproof.verify(sample().input(), genuine), await lean.verify(sample().input(), genuine));
      assert.equal(loaded(), 1);
      mock.restoreAll();
    }
  }
});

test("a signature that WebCrypto refuses every time is refused", async () => {
  const verify = crypto.subtle.verify.bind(crypto.subtle);
  mock.method(crypto.subtle, "verify", async (...words) => (await verify(...words), false));
  const { teeproof } = await fresh();
  const [answer] = await teeproof.verify(sample().input(), genuine);
  assert.equal(answer.verdict, "rejected");
});

test("without WebCrypto the lean module answers", async () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { configurable: true, value: undefined });
  try {
    const { teeproof, loaded } = await fresh();
    assert.deepEqual(await teeproof.verify(sample().input(), genuine), lean.verifySync(sample().input(), genuine));
    assert.equal(loaded(), 1);
  } finally {
    Object.defineProperty(globalThis, "crypto", own);
  }
});

test("the lean module is asked about the bytes of the call", async () => {
  const bad = flipped(700);
  const expected = await lean.verify(bad(), genuine);
  let loaded;
  const { teeproof } = await fresh(() => new Promise((resolve) => (loaded = () => resolve(lean))));
  const input = bad();
  const pending = teeproof.verify(input, genuine);
  // What would have been in order, and then nothing at all.
  quote(input)[700] ^= 1;
  await new Promise(setImmediate);
  input.parts.forEach((part) => part.fill(0));
  loaded();
  assert.deepEqual(await pending, expected);
});

test("what is asked at the same time as something out of order is answered all the same", async () => {
  const { teeproof, loaded } = await fresh();
  const asked = [...IN_ORDER, ...OUT_OF_ORDER, ...IN_ORDER].filter(([what]) => what !== "no evidence");
  const outcome = (one) => ([, input, options]) =>
    one.verify(input(), options).catch(({ code, message }) => ({ code, message }));
  assert.deepEqual(await Promise.all(asked.map(outcome(teeproof))), await Promise.all(asked.map(outcome(lean))));
  assert.equal(loaded(), 1);
});

test("after a trap the main module is asked nothing more, and what it still says is not taken", async () => {
  const answers = [];
  const main = {
    callAsync: mock.fn(() => {
      if (answers.length === 1) {
        answers.push(null);
        throw new WebAssembly.RuntimeError("unreachable");
      }
      return new Promise((resolve) => answers.push(resolve));
    }),
  };
  const teeproof = new Teeproof(main, async () => lean);
  const expected = await lean.verify(sample().input(), genuine);
  const pending = [1, 2, 3].map(() => teeproof.verify(sample().input(), genuine));
  assert.equal(main.callAsync.mock.callCount(), 2);
  answers[0]('{"ok":[{"verdict":"trusted"}]}');
  assert.deepEqual(await Promise.all(pending), [expected, expected, expected]);
  assert.deepEqual(await teeproof.verify(sample().input(), genuine), expected);
  assert.equal(main.callAsync.mock.callCount(), 2);
});

test("what is thrown and is no trap is not passed over", async () => {
  const main = { callAsync: async () => Promise.reject(new RangeError("too deep")) };
  const teeproof = new Teeproof(main, async () => assert.fail("the lean module was loaded"));
  await assert.rejects(teeproof.verify(sample().input(), genuine), RangeError);
});

test("where the lean module cannot be loaded there is no answer, until it can", async () => {
  let reachable = false;
  const { teeproof, loaded } = await fresh(async () => (reachable ? lean : outOfReach()));
  for (const time of [1, 2]) {
    await assert.rejects(teeproof.verify(flipped(700)(), genuine), (error) => {
      assert.ok(error instanceof TeeproofError);
      assert.equal(error.code, "not-loaded");
      assert.match(error.message, /Failed to fetch/);
      return true;
    });
    assert.equal(loaded(), time);
  }
  reachable = true;
  assert.deepEqual(await teeproof.verify(flipped(700)(), genuine), await lean.verify(flipped(700)(), genuine));
});

test("at once the main module answers nothing", async () => {
  const { teeproof, loaded } = await fresh();
  assert.throws(() => teeproof.verifySync(sample().input(), genuine), { code: "not-loaded" });
  assert.equal(await teeproof.whole(), teeproof);
  assert.deepEqual(teeproof.verifySync(sample().input(), genuine), lean.verifySync(sample().input(), genuine));
  await teeproof.whole();
  assert.equal(loaded(), 1);
});

test("what is too large is refused by its length, and nobody keeps a copy", async () => {
  const { teeproof } = await fresh();
  const before = process.memoryUsage().arrayBuffers;
  // Not touched, so no memory is taken for it.
  const large = new Uint8Array(200 * 1024 * 1024);
  await assert.rejects(teeproof.verify({ parts: [large] }, genuine), { code: "too-large" });
  assert.ok(process.memoryUsage().arrayBuffers < before + 1.5 * large.length);
  // As large as may be: it is read, and is nothing.
  await assert.rejects(teeproof.verify({ parts: [large.subarray(0, 32 * 1024 * 1024)] }, genuine), { code: "unreadable" });
});

test("a module that traps where none should is not asked again", async () => {
  const broken = {
    call: mock.fn(() => {
      throw new WebAssembly.RuntimeError("unreachable");
    }),
    callAsync: async () => assert.fail("it was asked"),
  };
  const teeproof = new Teeproof(broken);
  for (const asked of [teeproof, teeproof]) {
    assert.throws(() => asked.verifySync(sample().input(), genuine), { code: "trap" });
    await assert.rejects(asked.verify(sample().input(), genuine), { code: "trap" });
  }
  assert.equal(broken.call.mock.callCount(), 1);
});

// Evidence that the main module was not made by: real quotes, and real guests by a policy that approves them.
const corpus = `${root}../shared/corpus`;
test("of real evidence in order the main module answers all", { skip: !existsSync(corpus) && "no ../shared/corpus" }, async () => {
  const bytes = (path) => new Uint8Array(readFileSync(`${corpus}/${path}`));
  const json = (path) => JSON.parse(readFileSync(`${corpus}/${path}`, "utf8"));
  const rows = json("golden/INDEX.json").filter(({ quote }) => quote.includes("quote-tdx"));
  const counted = { quote: 0, guest: 0 };
  const { teeproof } = await fresh(async () => assert.fail("the lean module was needed"));
  const ask = async (kind, parts, options) => {
    const [expected] = await lean.verify({ parts }, options);
    if (/^(trusted|genuine)$/.test(expected.verdict)) {
      assert.deepEqual(await teeproof.verify({ parts }, options), [expected]);
      counted[kind] += 1;
    }
  };
  for (const { quote, collateral, time } of rows) {
    await ask("quote", [bytes(quote), bytes(collateral)], { at: time });
  }
  for (const guest of json("golden/dstack.json").filter(({ app_compose }) => app_compose)) {
    for (const quote of guest.quotes) {
      const row = rows.find((row) => row.quote.includes(quote) && row.at === "inside" && /^(shipped|same)/.test(row.relation));
      if (row) {
        const parts = [row.quote, row.collateral, guest.eventlog, guest.app_compose].map(bytes);
        await ask("guest", parts, { at: row.time, policy: approving(guest, parts[0]) });
      }
    }
  }
  assert.ok(counted.quote >= 90 && counted.guest >= 10, JSON.stringify(counted));
});

// What the log and the registers of a quote of version 4 say, as a policy.
function approving(guest, quote) {
  const register = (offset) => Buffer.from(quote.subarray(48 + offset, 96 + offset)).toString("hex");
  return JSON.stringify({
    schema: "teeproof.policy/1",
    os: [{ name: "image", mrtd: register(136), rtmr1: register(376), rtmr2: register(424) }],
    app: { "compose-hashes": [guest.compose_hash], "app-ids": guest.app_id ? [guest.app_id] : undefined },
  });
}
