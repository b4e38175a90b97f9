// Node: the module lies beside this file.
import { readFile } from "node:fs/promises";

export const bytes = (url) => readFile(url);
