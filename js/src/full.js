// The full module: the second engine beside ours, every operation, and policies in TOML as well.
import * as glue from "../dist/full.js";
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
  return new Teeproof(await open(glue, source ?? new URL("../dist/full.wasm", import.meta.url)));
}
