// In Node a module is read from the disk, where the other entries fetch it. It is compiled here: the way by
// which a response would come first loads all of Node's `fetch`, which takes longer than all the rest.
import { readFile } from "node:fs/promises";
import { once } from "./open.js";

export const ownModule = (name) => once(() => compiled(name));

async function compiled(name) {
  const module = WebAssembly.compile(await readFile(new URL(`../dist/${name}`, import.meta.url)));
  // Node loads WebCrypto when it is first looked at: now, while another thread compiles.
  void globalThis.crypto?.subtle;
  return module;
}
