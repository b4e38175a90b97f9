// Compiled, never run: what types allow, and what they refuse.
import { load, complete, TeeproofError, type Answer, type Options } from "teeproof";
import { load as full } from "teeproof/full";
import { load as lean } from "teeproof/lean";
const t = await load();
const o: Options = { at: "now", policy: "{}", expect: { appIds: ["00"] } };
const [a]: Answer[] = await t.verify({ parts: [new Uint8Array(1), "x", new ArrayBuffer(2)] }, o);
if (a && "verdict" in a) { const d: string | null = a.verdictDigest; const n: number = a.checks[0]!.number; console.log(d, n, a.needs[0]?.path); }
const w = await t.whole();
w.verifySync({ parts: [] }, o);
const l = await lean(new URL("https://x/lean.wasm"));
l.verifySync({ parts: [] }, o);
await load(fetch("https://x/teeproof.wasm"), () => fetch("https://x/lean.wasm"));
const f = await full();
const c = f.compareSync([{ parts: [] }, { name: "b", parts: [] }], { at: 5, differentMachines: true });
c.rows.map((r) => r.cells[0]?.value);
await complete(f, { parts: [] }, o, { fetch: globalThis.fetch, service: "https://x" });
try { f.bundle([]); } catch (e) { if (e instanceof TeeproofError) console.log(e.code.length); }
// @ts-expect-error: no such part, no instant, no such key, no such operation
t.verify({ parts: [7] }, o);
// @ts-expect-error: no such part, no instant, no such key
t.verifySync({ parts: [] }, { policy: "{}" });
// @ts-expect-error: no such part, no instant, no such key
t.verifySync({ parts: [] }, { at: 5, polcy: "{}" });
// @ts-expect-error: the full module has it
t.bundle([]);
// @ts-expect-error: the full module has it
l.bundle([]);
// @ts-expect-error: a function, so that nothing is fetched for nothing
load(undefined, "https://x/lean.wasm");
