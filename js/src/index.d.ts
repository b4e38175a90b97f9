import type { Answer, ComparisonAnswer, PolicyAnswer, VerifyRequest } from "./answers.js";

export type * from "./answers.js";
export * from "./needs.js";

/** Bytes, or text that stands for its UTF-8. Copied at the call. */
export type Part = Uint8Array | ArrayBuffer | ArrayBufferView | string;

/** Everything there is of one machine, or one file about several. */
export interface Input {
  /** What answers call it. */
  name?: string;
  /** Quote, collateral, event log, app-compose and so on, in any order; or a bundle. */
  parts: Part[];
  /** The challenge to this one, where each was asked by itself. */
  challenge?: VerifyRequest["challenge"];
  /** Whether it came over a connection, whose TLS key a page cannot see. */
  live?: boolean;
}

export type Options = Omit<VerifyRequest, "schema" | "inputs" | "at" | "atIsNow" | "atCaptured"> & {
  /**
   * The instant to judge at, in seconds since the epoch; or the present, by the machine's clock; or
   * when each bundle says that it was captured: its own word.
   */
  at: number | "now" | "captured";
};

export interface BundleOptions {
  /** A name to tell several apart. */
  label?: string;
  /** When the evidence was captured, in seconds since the epoch: the bundle's own word. */
  capturedAt?: number;
}

/** A row of the check table. */
export interface CheckRow {
  id: string;
  number: number;
  title: string;
  /** What a pass proves. */
  proves: string;
  source: string;
}

/** What an input says of itself. Nothing of it was verified. */
export interface Inspection {
  schema: "teeproof.inspection/1";
  trusted: false;
  note: string;
  [claim: string]: unknown;
}

/** Why there is no answer. Evidence that is bad is an answer. */
export class TeeproofError extends Error {
  name: "TeeproofError";
  /** A stable word, such as `unreadable`, `policy`, `request` or `too-large`. */
  readonly code: string;
}

/** A module that was loaded. */
export class Teeproof {
  private constructor();
  /** Judges evidence; signatures by WebCrypto where there is one. An answer for each instance. */
  verify(inputs: Input | Input[], options: Options): Promise<Answer[]>;
  /** The same with signatures in pure Rust. */
  verifySync(inputs: Input | Input[], options: Options): Answer[];
  /** Judges several instances and compares what was proven. */
  compare(inputs: Input | Input[], options: Options): Promise<ComparisonAnswer>;
  compareSync(inputs: Input | Input[], options: Options): ComparisonAnswer;
  /** Describes inputs and trusts nothing. */
  inspect(parts: Part[]): Inspection[];
  /** Packs the parts of one machine into one file, as text. */
  bundle(parts: Part[], options?: BundleOptions): string;
  /** A policy as sentences, with its digest; the strict default without one. */
  explainPolicy(policy?: string): PolicyAnswer;
  /** The check table. */
  checks(): CheckRow[];
}

/**
 * Loads the module, once. Without a source it is read from beside this script: fetched in a
 * browser, opened in Node.
 */
export function load(
  source?: BufferSource | Response | WebAssembly.Module | URL | string,
): Promise<Teeproof>;
