// The full module: the second engine beside ours, every operation, and policies in TOML as well.
import * as glue from "../dist/full.js";
import { once, open } from "./open.js";
import { Teeproof } from "./teeproof.js";

export { complete, meetNeeds } from "./needs.js";
export { Teeproof, TeeproofError } from "./teeproof.js";

export const load = /* @__PURE__ */ once(
  async (source) => new Teeproof(await open(glue, source ?? new URL("../dist/full.wasm", import.meta.url))),
);
