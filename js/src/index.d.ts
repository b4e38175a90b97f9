import type { Answer, VerifyRequest } from "./answers.js";

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

/** Why there is no answer. Evidence that is bad is an answer. */
export class TeeproofError extends Error {
  name: "TeeproofError";
  /** A stable word, such as `unreadable`, `policy`, `request` or `too-large`. */
  readonly code: string;
}

/** What a module is loaded from. */
export type Source = BufferSource | Response | WebAssembly.Module | URL | string;

/** What judges. */
export class Teeproof {
  protected constructor();
  /**
   * Judges evidence; signatures by WebCrypto where there is one. An answer for each instance. What the
   * main module has no code for makes it load the lean one, and fails as `not-loaded` if that cannot be.
   */
  verify(inputs: Input | Input[], options: Options): Promise<Answer[]>;
  /** The same at once, with signatures in pure Rust. After `whole` only: otherwise it is `not-loaded`. */
  verifySync(inputs: Input | Input[], options: Options): Answer[];
  /** Loads the lean module now, if it is not there: all that can be judged is judged without loading more. */
  whole(): Promise<this>;
}

/**
 * Loads the main module, once. Without a source it is read from beside this script: fetched in a
 * browser, opened in Node. `whole` gives the source of the lean one, when it comes to that.
 */
export function load(
  source?: Source | Promise<Response>,
  whole?: () => Source | Promise<Source | undefined> | undefined,
): Promise<Teeproof>;
