// The repository's fixtures, and what the command line says of them.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";
import { evidence } from "../ordinary.js";

export const root = fileURLToPath(new URL("../../", import.meta.url));
const program = process.env.TEEPROOF ?? `${root}target/debug/teeproof`;

const REAL = {
  "tdx-v4": "2025-07-01T00:00:00Z",
  "tdx-v5-td15": "2026-03-01T00:00:00Z",
  "tdx-v5-td15ex": "2026-10-20T00:00:00Z",
  "sgx-v3": "2025-07-01T00:00:00Z",
};

const hex = (bytes) => Buffer.from(bytes).toString("hex");

function one(folder, at, expected = {}) {
  const toml = readFileSync(`${root}${folder}/policy.toml`, "utf8");
  const options = { at: Date.parse(at) / 1000 };
  const words = ["verify", folder, "--policy", `${folder}/policy.toml`, "--at", at];
  if (existsSync(`${root}${folder}/root.der`)) {
    options.root = hex(readFileSync(`${root}${folder}/root.der`));
    words.push("--root", `${folder}/root.der`);
  }
  if (expected.challenge) {
    options.challenge = { bytes: expected.challenge, rule: expected["challenge-rule"] };
    words.push("--challenge", expected.challenge, "--challenge-rule", expected["challenge-rule"]);
  }
  return {
    name: folder,
    expected,
    input: () => ({ name: folder, parts: evidence(root + folder) }),
    // The lean module reads policies in JSON: the same keys, in another syntax.
    lean: { ...options, policy: JSON.stringify(parse(toml)) },
    full: { ...options, policy: toml },
    words,
  };
}

/** Every folder of evidence in the repository. */
export function cases() {
  const real = Object.entries(REAL).map(([name, at]) => one(`fixtures/real/${name}`, at));
  const forged = readdirSync(`${root}fixtures/forged`).map((name) => {
    const folder = `fixtures/forged/${name}`;
    const expected = parse(readFileSync(`${root}${folder}/expect.toml`, "utf8"));
    return one(folder, expected.at, expected);
  });
  return [...real, ...forged];
}

export const sample = () => cases().find(({ name }) => name === "fixtures/real/tdx-v4");

/** What the command line answers, and how it ends. */
export function commandLine(words) {
  try {
    const text = execFileSync(program, [...words, "--format", "json"], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { code: 0, answer: JSON.parse(text) };
  } catch (error) {
    if (typeof error.status !== "number") {
      throw error;
    }
    return { code: error.status, answer: JSON.parse(error.stdout) };
  }
}
