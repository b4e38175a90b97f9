import type { Source } from "./index.js";
import { Teeproof } from "./index.js";

export * from "./index.js";

/** Loads the lean module, once: as `load` of the main one, and there is nothing more to load. */
export function load(source?: Source | Promise<Response>): Promise<Teeproof>;
