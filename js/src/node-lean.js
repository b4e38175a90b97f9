import { load as loadFrom } from "./lean.js";
import { ownModule } from "./own-module.js";

export { Teeproof, TeeproofError, complete, meetNeeds } from "./lean.js";

const own = ownModule("lean.wasm");

export async function load(source) {
  return loadFrom(source ?? (await own()));
}
