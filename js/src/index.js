// The main module: of the lean one what the verdicts on evidence in order take.
import * as glue from "../dist/teeproof.js";
import { once, open } from "./open.js";
import { Teeproof } from "./teeproof.js";

export { complete, meetNeeds } from "./needs.js";
export { Teeproof, TeeproofError } from "./teeproof.js";

export const load = /* @__PURE__ */ once(async (source, whole) => {
  const main = await open(glue, source ?? new URL("../dist/teeproof.wasm", import.meta.url));
  return new Teeproof(main, async () => (await import("./lean.js")).load(await whole?.()));
});
