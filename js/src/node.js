// In Node the module is read from the disk, where the other is fetched.
import { readFile } from "node:fs/promises";
import { load as loadFrom } from "./index.js";

export { Teeproof, TeeproofError, complete, meetNeeds } from "./index.js";

export async function load(source) {
  return loadFrom(source ?? (await readFile(new URL("../dist/teeproof.wasm", import.meta.url))));
}
