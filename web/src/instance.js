// Asking a running instance for evidence, with a fresh challenge. What comes back is a claim like any
// other; that it answers the challenge is for the core to prove.

import { Fault } from './fault.js';
import { LIMITS } from './files.js';
import { toHex } from './hex.js';
import { address, ask, below } from './network.js';

const RULE = 'teeproof-evidence';
const CHALLENGE = 32;

// The evidence of one instance: its bytes, the challenge it has to answer, and what is worth knowing.
export async function evidenceOf(text) {
  const base = address(text);
  base.pathname = base.pathname.replace(/\/attestation\/*$/, '/');
  const bytes = toHex(crypto.getRandomValues(new Uint8Array(CHALLENGE)));
  const answer = await ask(below(base, '/attestation', `challenge=${bytes}`), LIMITS.evidence);
  const bundle = read(base, answer);
  // Its own word: a wrong one is an answer from memory, and a right one proves nothing yet.
  const stated = bundle.challenge;
  if (stated?.bytes !== bytes || stated?.rule !== RULE) {
    throw new Fault('other-challenge', `the instance ${base.host} answered another challenge than the one it was asked`, 'ask again; if it stays so, something on the way answers from memory');
  }
  const notes = answer.redirected ? ['the address passed the question on to another one'] : [];
  if (base.protocol === 'http:') notes.push('the connection was not encrypted');
  return { name: base.host, bytes: answer.bytes, challenge: { bytes, rule: RULE }, notes };
}

function read(base, { status, bytes }) {
  const host = base.host;
  if ([404, 405, 501].includes(status)) {
    throw new Fault('no-endpoint', `the instance ${host} has no evidence endpoint (status ${status})`, 'the app has to serve its evidence (adapters/evidence); else drop what its platform gave you');
  }
  let content;
  try {
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    content = null;
  }
  if (status < 200 || status > 299) {
    const said = typeof content?.error?.code === 'string' ? `${content.error.code}, status ${status}` : `status ${status}`;
    throw new Fault('refused', `the instance ${host} refused (${said})`, status === 429 || status === 503 ? 'wait a moment and ask again' : 'see the log of the app');
  }
  if (content?.schema !== 'teeproof.bundle/1') {
    throw new Fault('not-evidence', `the instance ${host} answered with something else than a bundle`, 'see whether the address is that of an app that serves its evidence');
  }
  return content;
}
