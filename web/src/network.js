// The only module that opens connections, and only when a person has asked for one.

import { Fault } from './fault.js';
import { size } from './files.js';

const SECONDS = 60;
const LOOPBACK = new Set(['localhost', '127.0.0.1']);

// An address that may be asked: https, or http on this machine.
export function address(text) {
  const refuse = (problem, next) => new Fault('address', `${problem}: ${text.slice(0, 120)}`, next);
  let url;
  try {
    url = new URL(text.trim());
  } catch {
    throw refuse('this is no address', 'write it out, with https:// in front');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.has(url.hostname))) {
    throw refuse('only https is asked, and http on this machine alone', 'write the address with https://');
  }
  if (url.username || url.password) {
    throw refuse('an address with a name or a password is not asked', 'leave out what stands before the @');
  }
  if (url.search || url.hash) {
    throw refuse('an address with a query or a fragment is not asked', 'leave out what stands behind the ? or the #');
  }
  return url;
}

// The address with a path below it.
export function below(base, path, query = '') {
  const url = new URL(base);
  url.pathname = url.pathname.replace(/\/+$/, '') + path;
  url.search = query;
  return url;
}

// One question: bounded in time and size, without cookies, and nothing is kept of it. The answer has
// the status, the headers that the browser lets a page see, and the bytes.
export async function ask(url, limit, { method = 'GET' } = {}) {
  const stop = AbortSignal.timeout(SECONDS * 1000);
  let response;
  let bytes;
  try {
    response = await fetch(url, {
      method, signal: stop, mode: 'cors', credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer',
    });
    bytes = await body(response, limit);
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (stop.aborted) {
      throw new Fault('timeout', `the address ${url.host} did not answer within ${SECONDS} seconds`, 'try again, or ask it with the command line tool');
    }
    throw new Fault(
      'unreachable',
      `the address ${url.host} was not reached, or it does not let pages of other sites read its answers (CORS). A browser does not tell a page which of the two it is`,
      'see whether the address is right; if it is, get the evidence with `teeproof capture` and drop the file here',
    );
  }
  return { status: response.status, redirected: response.redirected, headers: response.headers, bytes };
}

async function body(response, limit) {
  const refuse = () => new Fault('too-large', `the answer has more than ${size(limit)}`, 'see whether the address is that of the evidence');
  if (Number(response.headers.get('content-length') ?? 0) > limit) {
    await response.body?.cancel();
    throw refuse();
  }
  const chunks = [];
  let length = 0;
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      throw refuse();
    }
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
