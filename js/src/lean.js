// The lean module: every verdict by our engine alone, policies in JSON. The main one loads it where it does
// not do by itself.
import * as glue from "../dist/lean.js";
import { open } from "./open.js";
import { Teeproof } from "./teeproof.js";

export { complete, meetNeeds } from "./needs.js";
export { Teeproof, TeeproofError } from "./teeproof.js";

let loading;

export function load(source) {
  loading ??= start(source).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function start(source) {
  return new Teeproof(await open(glue, source ?? new URL("../dist/lean.wasm", import.meta.url)));
}
