// The full module: the second engine beside ours, and policies in TOML as well.
import init, { call, callAsync, initSync } from "../dist/full.js";
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
  source ??= new URL("../dist/full.wasm", import.meta.url);
  if (source instanceof WebAssembly.Module) {
    initSync({ module: source });
  } else {
    await init({ module_or_path: source });
  }
  return new Teeproof(call, callAsync);
}
