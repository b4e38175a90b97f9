// Builds the page, twice: `dist/site`, a folder for any file server, and `dist/teeproof.html`, one
// file that works from disk. The package has to be built before (`wasm/build.sh`).

import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const packed = join(here, '../js');
const dist = join(here, 'dist');
const site = join(dist, 'site');
const MODULES = ['lean.wasm', 'full.wasm'];
const STYLES = ['style.css', 'report.css'];

const common = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'inline',
  logLevel: 'warning',
  alias: { 'teeproof/lean': join(packed, 'src/lean.js'), 'teeproof/full': join(packed, 'src/full.js') },
};

const source = (name) => readFileSync(join(here, name), 'utf8');
const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

// Replaces what stands exactly once. A function, since in a text `$` would have a meaning.
function swap(text, old, now) {
  if (text.split(old).length !== 2) throw new Error(`not exactly once in index.html: ${old}`);
  return text.replace(old, () => now);
}

async function folder() {
  await build({
    ...common,
    entryPoints: [join(here, 'src/main.js'), join(here, 'src/badge.js')],
    outdir: site,
    splitting: true,
    chunkNames: '[name]-[hash]',
  });
  for (const name of MODULES) cpSync(join(packed, 'dist', name), join(site, name));
  for (const name of STYLES) cpSync(join(here, name), join(site, name));
  writeFileSync(join(site, 'index.html'), swap(source('index.html'), 'src="src/main.js"', 'src="main.js"'));
}

async function single() {
  const { outputFiles: [{ text }] } = await build({
    ...common,
    entryPoints: [join(here, 'src/main.js')],
    write: false,
    // The package names its own file's place where it would look for its module. Here all is inside.
    define: { 'import.meta.url': 'document.baseURI' },
  });
  if (/<\/script|<!--/i.test(text)) throw new Error('the script cannot stand inside of a page');
  const script = `\n${text}`;
  const style = `\n${STYLES.map(source).join('\n')}`;
  let page = source('index.html');
  for (const name of STYLES) page = swap(page, `<link rel="stylesheet" href="${name}">\n`, '');
  page = swap(page, '</head>', `<style>${style}</style>\n</head>`);
  // All of it is in one file, so there is nothing that might not come.
  const bytes = readFileSync(join(packed, 'dist/full.wasm')).toString('base64');
  const block = `<script type="application/wasm;base64" id="full.wasm">${bytes}</script>\n`;
  page = swap(page, '<script type="module" src="src/main.js"></script>', `${block}<script type="module">${script}</script>`);
  // Nothing is loaded from beside the file, so nothing may be: script and style are allowed by hash.
  page = swap(page, "script-src 'self'", `script-src ${hashOf(script)}`);
  page = swap(page, "style-src 'self'", `style-src ${hashOf(style)}`);
  page = swap(page, "connect-src 'self' https:", 'connect-src https:');
  writeFileSync(join(dist, 'teeproof.html'), page);
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(site, { recursive: true });
await folder();
await single();
for (const [at, names] of [[site, readdirSync(site).sort()], [dist, ['teeproof.html']]]) {
  for (const name of names) console.log(`${String(readFileSync(join(at, name)).length).padStart(9)}  ${name}`);
}
