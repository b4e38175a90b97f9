// A link that carries evidence, in its fragment alone: a browser never sends that to a server.
//
// It carries no policy, no instant and no trust anchor. Those belong to whoever judges: evidence that
// brought its own policy could vouch for itself.

import { Fault } from './fault.js';
import { LIMITS } from './files.js';
import { fromBase64Url, toBase64Url } from './hex.js';

const PREFIX = '#evidence-1=';

// Longer addresses are cut by browsers and refused by what forwards links.
export const LONGEST = 1024 * 1024;

const UNFIT = 'ask for the bundle as a file instead';

// The fragment for these machines.
export async function write(machines) {
  if (typeof CompressionStream === 'undefined') {
    throw new Fault('permalink', 'this browser cannot compress', 'save the evidence as files instead');
  }
  const content = machines.map(({ name, parts }) => ({
    name,
    parts: parts.map((part) => ({ name: part.name, bytes: toBase64Url(part.bytes) })),
  }));
  const text = new TextEncoder().encode(JSON.stringify(content));
  const packed = await all(new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw')), LIMITS.evidence);
  const fragment = PREFIX + toBase64Url(packed);
  if (fragment.length > LONGEST) {
    throw new Fault('permalink', `the link would have ${fragment.length} characters; at most ${LONGEST} are safe to pass on`, 'pass the evidence on as files instead');
  }
  return fragment;
}

// The machines in a fragment, or null if it carries none.
export async function read(fragment) {
  if (!fragment.startsWith(PREFIX)) return null;
  if (fragment.length > LONGEST) {
    throw new Fault('permalink', `the link has ${fragment.length} characters; at most ${LONGEST} are read`, UNFIT);
  }
  let content;
  try {
    const packed = fromBase64Url(fragment.slice(PREFIX.length));
    const text = await all(new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')), LIMITS.evidence);
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault('permalink', 'the link is damaged: its evidence cannot be unpacked', 'copy the whole link, to its last character');
  }
  return machinesOf(content);
}

function machinesOf(content) {
  const wrong = () => new Fault('permalink', 'the link does not carry evidence in the form that this page writes', UNFIT);
  const text = (value) => {
    if (typeof value !== 'string' || value.length > LIMITS.evidence * 2) throw wrong();
    return value;
  };
  if (!Array.isArray(content) || content.length === 0 || content.length > LIMITS.files) throw wrong();
  return content.map((machine) => {
    if (!Array.isArray(machine?.parts) || machine.parts.length === 0 || machine.parts.length > LIMITS.files) throw wrong();
    return {
      name: text(machine.name),
      parts: machine.parts.map((part) => {
        let bytes;
        try {
          bytes = fromBase64Url(text(part?.bytes));
        } catch {
          throw wrong();
        }
        return { name: text(part.name), bytes };
      }),
    };
  });
}

// A stream's bytes, up to a cap: a small link can unpack to any size.
async function all(stream, limit) {
  const reader = stream.getReader();
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      throw new Fault('too-large', `the link unpacks to more than ${limit} bytes`, UNFIT);
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
