// Fetching what a verdict lacked, by the package's own helper.

import { Fault } from './fault.js';
import { LIMITS } from './files.js';
import { address, ask } from './network.js';

const HIDDEN_HEADERS = 'the service answered, and the browser does not show this page the header with the issuer chain (the service would have to name it in Access-Control-Expose-Headers)';

// What meets an answer's needs, as parts for its machine.
export async function collateralFor(answer, pccs, engine) {
  const service = address(pccs).href.replace(/\/+$/, '');
  try {
    return await engine.collateral(answer.needs, service, boundedFetch);
  } catch (thrown) {
    // What this page's own `fetch` said is more than what the helper makes of it.
    if (thrown?.cause instanceof Fault) throw thrown.cause;
    if (thrown?.code === 'no-issuer-chain') {
      throw new Fault('hidden-headers', HIDDEN_HEADERS, 'fetch it with `teeproof collateral fetch` and drop the file here');
    }
    throw thrown;
  }
}

// `fetch` with this page's bounds.
async function boundedFetch(url) {
  const { status, headers, bytes } = await ask(new URL(url), LIMITS.evidence);
  return new Response(status === 204 || status === 304 ? null : bytes, { status, headers });
}
