// What Node loads, as one file: to find and to link five of them takes a twentieth and more of the time to
// a first verdict. `node bundle.js FOLDER NAME` writes it beside the module NAME
// (`teeproof` or `full`) and its glue. The full one takes what both have from the lean one, so that there
// is one class of errors.
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const [, , folder, name] = process.argv;
const ENTRIES = { teeproof: "node.js", full: "node-full.js" };
const SHARED = ["./teeproof.js", "./needs.js"];

const places = {
  name: "places",
  resolveId(source) {
    if (source.startsWith("../dist/")) {
      return join(folder, basename(source));
    }
    return name === "full" && SHARED.includes(source) ? { id: "./node.js", external: true } : null;
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
