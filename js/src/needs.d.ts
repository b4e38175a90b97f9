import type { Answer, NeedAnswer } from "./answers.js";
import type { Input, Options, Part, Teeproof } from "./index.js";

/** Where collateral comes from. */
export interface Source {
  /** Usually `globalThis.fetch`. Nothing is asked but by this. */
  fetch: (url: string) => Promise<Response>;
  /** A PCCS or Intel's service, such as `https://pccs.example.org`. */
  service: string;
  /** Where the root's revocation list lies if the service is Intel's own. */
  rootCrl?: string;
}

/**
 * Judges, gets what is missing, and judges again; gives the answers, and the parts with what was
 * fetched. The input's bytes are read again each time.
 */
export function complete(
  teeproof: Teeproof,
  input: Input,
  options: Options,
  source: Source,
): Promise<{ answers: Answer[]; parts: Part[] }>;

/** Fetches what is needed: parts to add to the input that has these needs. */
export function meetNeeds(needs: NeedAnswer[], source: Source): Promise<Part[]>;
