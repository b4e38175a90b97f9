// The lean module: our engine alone, policies in JSON.
import init, { call, callAsync } from "../dist/teeproof.js";
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
  await init({ module_or_path: source });
  return new Teeproof(call, callAsync);
}
