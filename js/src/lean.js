// The lean module: every verdict by our engine alone, policies in JSON. The main one loads it where it does
// not do by itself.
import * as glue from "../dist/lean.js";
import { once, open } from "./open.js";
import { Teeproof } from "./teeproof.js";

export { complete, meetNeeds } from "./needs.js";
export { Teeproof, TeeproofError } from "./teeproof.js";

export const load = /* @__PURE__ */ once(
  async (source) => new Teeproof(await open(glue, source ?? new URL("../dist/lean.wasm", import.meta.url))),
);
