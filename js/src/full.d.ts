import type { ComparisonAnswer, PolicyAnswer } from "./answers.js";
import type { Input, Options, Part, Source } from "./index.js";
import { Teeproof as Judge } from "./index.js";

export * from "./index.js";

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

/** The full module: two engines, and every operation. */
export class Teeproof extends Judge {
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

/** As `load` of the main module. There is nothing more to load. */
export function load(source?: Source | Promise<Response>): Promise<Teeproof>;
