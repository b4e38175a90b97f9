// In Node the module is read from the disk, where the other is fetched.
import { readFile } from "node:fs/promises";
import { load as loadFrom } from "./full.js";

export { Teeproof, TeeproofError, complete, meetNeeds } from "./full.js";

export async function load(source) {
  return loadFrom(source ?? (await readFile(new URL("../dist/full.wasm", import.meta.url))));
}
