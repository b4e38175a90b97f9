// In Node the module is read from the disk, where the other is fetched. It is compiled here: the way by
// which a response would come first loads all of Node's `fetch`, which takes longer than all the rest.
import { readFile } from "node:fs/promises";
import { load as loadFrom } from "./full.js";

export { Teeproof, TeeproofError, complete, meetNeeds } from "./full.js";

let own;

export async function load(source) {
  return loadFrom(source ?? (await (own ??= compiled())));
}

async function compiled() {
  try {
    return await WebAssembly.compile(await readFile(new URL("../dist/full.wasm", import.meta.url)));
  } catch (error) {
    own = undefined;
    throw error;
  }
}
