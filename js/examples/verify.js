// Judges one quote in Node: node verify.js QUOTE COLLATERAL [POLICY], each a file.
//
// Ends with the exit code of the verdict: 0 is trusted.
import { readFile } from "node:fs/promises";
// The full module: it has the second engine, and reads policies in TOML.
import { TeeproofError, load } from "teeproof/full";

const names = process.argv.slice(2);
if (names.length < 2 || names.length > 3) {
  console.error("usage: verify.js QUOTE COLLATERAL [POLICY]");
  process.exit(2);
}
const [quote, collateral, policy] = await Promise.all(names.map((name) => readFile(name)));
const teeproof = await load();
try {
  const [answer] = await teeproof.verify(
    { parts: [quote, collateral] },
    { at: "now", policy: policy?.toString() },
  );
  console.log(answer.headline);
  for (const check of answer.checks) {
    if (check.outcome === "failed" || check.outcome === "skipped") {
      console.log(`  ${check.id}: ${check.because}`);
    }
  }
  process.exitCode = answer.exitCode;
} catch (error) {
  if (!(error instanceof TeeproofError)) {
    throw error;
  }
  console.error(`${error.message} [${error.code}]`);
  process.exitCode = 7;
}
