// Loads the package: the full module, which has both engines and reads policies in TOML. Where it does
// not come, the lean one still judges a bundle.

import { load as loadLean } from 'teeproof/lean';
import { Fault } from './fault.js';
import { fromBase64Url } from './hex.js';

// The module lies beside this script, or inside of the page where it is one file.
function bytes(name) {
  const embedded = document.getElementById(name);
  if (embedded) return fromBase64Url(embedded.textContent.trim());
  return fetch(new URL(name, import.meta.url), { credentials: 'same-origin' });
}

async function lean() {
  try {
    return await loadLean(bytes('lean.wasm'));
  } catch (error) {
    throw new Fault('not-loaded', `the verifier could not be loaded: ${error?.message ?? error}`, 'reload the page when there is a network again, or open the page that is a single file');
  }
}

async function full() {
  const { load } = await import('teeproof/full');
  return load(bytes('full.wasm'));
}

let opened = null;

// Everybody on one page has one module.
export function open() {
  opened ??= start().catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

async function start() {
  if (typeof WebAssembly === 'undefined') {
    throw new Fault('no-wasm', 'this browser runs no WebAssembly', 'use another browser, or the command line tool');
  }
  try {
    return { module: await full(), second: true };
  } catch {
    // A badge with one engine is still of use, and its report says so.
    return { module: await lean(), second: false };
  }
}
