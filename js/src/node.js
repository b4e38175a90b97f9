import { load as loadFrom } from "./index.js";
import { ownModule } from "./own-module.js";

export { Teeproof, TeeproofError, complete, meetNeeds } from "./index.js";

const own = ownModule("teeproof.wasm");

export async function load(source, whole) {
  return loadFrom(source ?? (await own()), whole);
}
