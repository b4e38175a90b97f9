// The peers: each verifies the same real quote. `verify()` throws where the answer is not good.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const fixture = (name) => new URL(`../../fixtures/real/tdx-v4/${name}`, import.meta.url);
const quote = new Uint8Array(await readFile(fixture("quote.bin")));
const collateralText = await readFile(fixture("collateral.json"), "utf8");
const collateral = JSON.parse(collateralText);
const at = Date.parse("2025-06-27T00:00:00Z") / 1000;

const expect = (good) => {
  if (!good) {
    throw new Error("not the answer that was expected");
  }
};

async function ours(module, sync) {
  const { load } = await import(module);
  const teeproof = await load();
  const input = { parts: [quote, collateralText] };
  const judge = sync ? teeproof.verifySync : teeproof.verify;
  return async () => expect((await judge.call(teeproof, input, { at }))[0].verdict === "genuine");
}

async function phalaJs() {
  const { verify } = createRequire(import.meta.url)("@phala/dcap-qvl");
  return async () => expect((await verify(quote, collateral, at)).status === "UpToDate");
}

export const PEERS = {
  "teeproof, WebCrypto": () => ours("teeproof", false),
  "teeproof/lean, pure": () => ours("teeproof/lean", true),
  "teeproof/lean, WebCrypto": () => ours("teeproof/lean", false),
  "teeproof/full, WebCrypto": () => ours("teeproof/full", false),
  "@phala/dcap-qvl-web": async () => {
    const folder = new URL("../node_modules/@phala/dcap-qvl-web/", import.meta.url);
    const { default: init, js_verify } = await import(new URL("dcap-qvl-web.js", folder));
    await init({ module_or_path: await readFile(new URL("dcap-qvl-web_bg.wasm", folder)) });
    return async () => expect(js_verify(quote, collateral, BigInt(at)).status === "UpToDate");
  },
  "@phala/dcap-qvl": phalaJs,
  "@phala/dcap-qvl, as in a browser": () => {
    globalThis.window = globalThis;
    return phalaJs();
  },
};
