import { load as loadFrom } from "./full.js";
import { ownModule } from "./own-module.js";

export { Teeproof, TeeproofError, complete, meetNeeds } from "./full.js";

const own = ownModule("full.wasm");

export async function load(source) {
  return loadFrom(source ?? (await own()));
}
