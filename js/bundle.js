// What Node loads, as one file: to find and to link five of them takes a twentieth and more of the time to
// a first verdict. `node bundle.js FOLDER NAME` writes it beside the module NAME
// (`teeproof`, `lean` or `full`) and its glue. The others take what all have from the main one, so that there
// is one class of errors; it loads the lean one if it comes to that.
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const [, , folder, name] = process.argv;
const ENTRIES = { teeproof: "node.js", lean: "node-lean.js", full: "node-full.js" };
const SHARED = { "./teeproof.js": "./node.js", "./needs.js": "./node.js" };

const places = {
  name: "places",
  resolveId(source) {
    if (source.startsWith("../dist/")) {
      return join(folder, basename(source));
    }
    const elsewhere = name === "teeproof" ? { "./lean.js": "./node-lean.js" }[source] : SHARED[source];
    return elsewhere ? { id: elsewhere, external: true } : null;
  },
};

const bundle = await rolldown({
  input: fileURLToPath(new URL(`src/${ENTRIES[name]}`, import.meta.url)),
  platform: "node",
  plugins: [places],
  // Where each part was found: the bytes would depend on the folder.
  experimental: { attachDebugInfo: "none" },
});
await bundle.write({ file: join(folder, ENTRIES[name]), format: "esm" });
