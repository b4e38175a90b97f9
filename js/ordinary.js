// Evidence in order, and to what places of a module its verdicts come: `node ordinary.js FORGED MARKED GLUE RAN`.
// FORGED is a folder of what the forge writes, MARKED a module that tells of its places, GLUE its glue; the
// numbers of the places go into the file RAN. What is no good verdict is refused, since the main
// module is made of what comes here.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parse } from "smol-toml";
import { Teeproof } from "./src/teeproof.js";

const real = (name) => fileURLToPath(new URL(`../fixtures/real/${name}`, import.meta.url));
const REAL = {
  "tdx-v4": "2025-06-27T00:00:00Z",
  "tdx-v5-td15ex": "2026-10-20T00:00:00Z",
};
const PARTS = ["quote.bin", "collateral.json", "event-log.json", "app-compose.json", "vm-config.json"];
const GOOD = ["trusted", "genuine", "simulated"];

// Of the forge's good verdicts, those that somebody might meet any day. Not in it: SGX, what passes only
// because a policy makes an exception, readers' odd cases, policies about one's own hardware.
const ORDINARY = /^(challenge|cluster|dstack|module|mr-config|nothing|os|tcb|tdx|window)-/;
const RARE = /-(gpu|init-scripts|sgx)/;

function ordinary(folder, name) {
  if (!ORDINARY.test(name) || RARE.test(name)) {
    return false;
  }
  const { verdict, "tcb-status": status } = parse(readFileSync(join(folder, name, "expect.toml"), "utf8"));
  const policy = readFileSync(join(folder, name, "policy.toml"), "utf8");
  return GOOD.includes(verdict) && status === "UpToDate" && !/accept|grace/.test(policy);
}

/** What a folder of fixtures has of one machine. */
export function evidence(folder) {
  const names = readdirSync(folder).filter((name) => PARTS.includes(name) || name.startsWith("mr-config"));
  return names.map((name) => new Uint8Array(readFileSync(join(folder, name))));
}

const policyOf = (folder) => parse(readFileSync(join(folder, "policy.toml"), "utf8"));

// What is judged, each as the arguments of `verify`.
function* requests(forged) {
  for (const [name, at] of Object.entries(REAL)) {
    const folder = real(name);
    const [input, options] = [{ parts: evidence(folder) }, { at: Date.parse(at) / 1000 }];
    yield [input, options];
    yield [input, { ...options, policy: JSON.stringify(policyOf(folder)) }];
  }
  for (const name of readdirSync(forged).filter((name) => ordinary(forged, name))) {
    const folder = join(forged, name);
    const expected = parse(readFileSync(join(folder, "expect.toml"), "utf8"));
    const options = {
      at: Date.parse(expected.at) / 1000,
      root: readFileSync(join(folder, "root.der")).toString("hex"),
    };
    if (expected.challenge) {
      options.challenge = { bytes: expected.challenge, rule: expected["challenge-rule"] };
    }
    const [input, policy] = [{ parts: evidence(folder) }, policyOf(folder)];
    yield [input, { ...options, policy: JSON.stringify(policy) }];
    if (/^(dstack-0-5|tdx)-/.test(name)) {
      yield [input, options];
      for (const key of ["name", "tee", "freshness"]) {
        const { [key]: _, ...rest } = policy;
        yield [input, { ...options, policy: JSON.stringify(rest, null, 2) }];
      }
      yield [{ name: "a machine", parts: input.parts.map(ornate) }, { ...options, atIsNow: true }];
    }
  }
}

// The machine's configuration, of which nothing is measured here, with all that JSON has.
function ornate(part) {
  const text = new TextDecoder().decode(part);
  if (!text.startsWith('{"spec_version"')) {
    return part;
  }
  const more = String.raw`"x":{},"y":[ ],"z":[1,-2.5e3,0,null,true,false,"é\u00e9\n\"\\\/",[[]]],"w":{"a":{"b":""}}`;
  return new TextEncoder().encode(text.replace("{", `{ ${more},\n\t`));
}

async function main(forged, marked, glue, out) {
  const ran = new Set();
  const { default: init, call, callAsync } = await import(pathToFileURL(glue));
  const { Instance } = WebAssembly;
  // The glue knows nothing of this import, and no `instantiate` is made but by it.
  WebAssembly.instantiate = async (module, imports) =>
    new Instance(module, { ...imports, profile: { ran: (number) => ran.add(number) } });
  await init({ module_or_path: new WebAssembly.Module(readFileSync(marked)) });
  const teeproof = new Teeproof({ call, callAsync });
  const asked = [...requests(forged)];
  if (asked.length < 80) {
    throw new Error(`only ${asked.length} verdicts: has the forge written all of its cases to ${forged}?`);
  }
  const judge = async ([input, options]) => {
    const [{ verdict, headline }] = await teeproof.verify(input, options);
    if (!GOOD.includes(verdict)) {
      throw new Error(`this is no evidence in order: ${headline}`);
    }
  };
  for (const one of asked) {
    // Once more with keys that are known by now.
    await judge(one);
    await judge(one);
  }
  await Promise.all(asked.map(judge));
  writeFileSync(out, [...ran].sort((one, other) => one - other).join("\n"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(...process.argv.slice(2));
}
