// Reading what was dropped, picked or pasted. Refused by its size before a byte of it is read.

import { Fault } from './fault.js';
import { fromBase64Url } from './hex.js';
import { plural } from './words.js';

// The caps of the core (`core/src/limits.rs`): a page that read more would only have it refused later.
export const LIMITS = { evidence: 32 * 1024 * 1024, policy: 1024 * 1024, root: 32 * 1024, files: 1024 };

const KINDS = {
  evidence: { limit: LIMITS.evidence, next: 'give one machine’s evidence, not an archive or a disk image' },
  policy: { limit: LIMITS.policy, next: 'give a policy; `teeproof policy init` prints one to start from' },
  root: { limit: LIMITS.root, next: 'give one root certificate in DER or PEM' },
};

export function size(bytes) {
  if (bytes < 1024) return plural(bytes, 'byte');
  const [unit, by] = bytes < 1024 * 1024 ? ['kB', 1024] : ['MB', 1024 * 1024];
  return `${(bytes / by).toFixed(bytes / by < 10 ? 1 : 0)} ${unit}`;
}

// The bytes of a file.
export async function read(file, kind) {
  const { limit, next } = KINDS[kind];
  if (file.size > limit) {
    throw new Fault('too-large', `the file ${file.name} has ${size(file.size)}; at most ${size(limit)} are read`, next);
  }
  let bytes;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Fault('unreadable-file', `the file ${file.name} could not be read`, 'see whether it still exists and may be read, and give it again');
  }
  if (bytes.length > limit) {
    throw new Fault('too-large', `the file ${file.name} has more than ${size(limit)}`, next);
  }
  if (bytes.length === 0) {
    throw new Fault('empty', `the file ${file.name} is empty`, 'give the file again once it has been written');
  }
  return bytes;
}

// A certificate in DER, out of DER or PEM.
export function der(bytes) {
  if (bytes[0] === 0x30) return bytes;
  const text = new TextDecoder().decode(bytes);
  const found = /^\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(text);
  if (!found) throw new Fault('root', 'this is no certificate in DER or PEM', KINDS.root.next);
  return fromBase64Url(found[1].replace(/\s+/g, ''));
}

// Files that people write for people and that are no evidence. In a folder they are passed over, as
// the command line tool does. Above all a policy or a root never comes in with the evidence.
const PASSED_OVER = /^\.|\.(toml|md|txt|der)$/i;

// What a drop holds: loose files, and for each folder its own. Has to be called while the drop is
// being handled: the entries are gone afterwards.
export async function dropped(transfer) {
  const entries = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry?.() ?? null, file: item.getAsFile() }));
  const found = { loose: [], folders: [] };
  for (const { entry, file } of entries) {
    if (entry?.isDirectory) {
      found.folders.push(await folder(entry));
    } else if (file) {
      found.loose.push(file);
    }
  }
  return found;
}

async function folder(directory) {
  const reader = directory.createReader();
  const files = [];
  const passedOver = [];
  for (;;) {
    const entries = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); }).catch(() => {
      throw new Fault('unreadable-file', `the folder ${directory.name} could not be read`, 'choose its files instead of dropping the folder');
    });
    if (entries.length === 0) break;
    for (const entry of entries) {
      if (!entry.isFile) continue;
      if (PASSED_OVER.test(entry.name)) {
        passedOver.push(entry.name);
      } else {
        files.push(await new Promise((resolve, reject) => { entry.file(resolve, reject); }));
      }
    }
    if (files.length > LIMITS.files) {
      throw new Fault('too-many-files', `the folder ${directory.name} has more than ${LIMITS.files} files`, KINDS.evidence.next);
    }
  }
  files.sort((one, two) => (one.name < two.name ? -1 : 1));
  return { name: directory.name, files, passedOver };
}
