// The lean module: our engine alone, policies in JSON.
import init, { call, callAsync, initSync } from "../dist/teeproof.js";
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
  source ??= new URL("../dist/teeproof.wasm", import.meta.url);
  if (source instanceof WebAssembly.Module) {
    initSync({ module: source });
  } else {
    await init({ module_or_path: source });
  }
  return new Teeproof(call, callAsync);
}
