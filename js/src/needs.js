// Gets the collateral that an answer says it lacks. Nothing that comes from a service is trusted: the
// module judges it as it judges what came with the evidence. All that is taken care of here is that
// signed texts stay as they were signed.
import { TeeproofError } from "./teeproof.js";

// Room for the largest part, a revocation list, as hex.
const LIMIT = 4 * 1024 * 1024 + 1024;
const INTEL = "https://api.trustedservices.intel.com";
// Intel's own service has no address for the root's list: there the list lies where the root says.
const INTEL_ROOT_CRL = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";

const PARTS = ["tcb-info", "qe-identity", "pck-crl", "root-crl"];

/** Judges, gets what is missing, and judges again. */
export async function complete(teeproof, input, options, source) {
  const parts = [...input.parts];
  // A quote without a PCK chain says only then of which platform the collateral has to be.
  for (let round = 0; ; round += 1) {
    const answers = await teeproof.verify({ ...input, parts }, options);
    const needs = answers.flatMap((answer) => answer.needs ?? []);
    if (needs.length === 0 || round === 2) {
      return { answers, parts };
    }
    parts.push(...(await meetNeeds(needs, source)));
  }
}

/** Parts to add to the input that has these needs. */
export async function meetNeeds(needs, { fetch, service, rootCrl = INTEL_ROOT_CRL }) {
  const byKind = new Map(needs.map((need) => [need.kind, need]));
  const ask = async (kind) => {
    const need = byKind.get(kind);
    const atIntel = new URL(service).origin === INTEL;
    const url = kind === "root-crl" && atIntel ? rootCrl : service.replace(/\/$/, "") + need.path;
    const response = await fetch(url).catch((error) => {
      const hint = "; a browser also says so of a service that lets no page read its answers";
      throw new TeeproofError("fetch", `${url}: ${error.message}${hint}`, { cause: error });
    });
    if (!response.ok) {
      throw new TeeproofError("status", `${url}: status ${response.status}`);
    }
    return { body: await bytes(response, url), chain: () => issuerChain(need, response, url), url };
  };

  const parts = [];
  if (byKind.has("pck-certificate")) {
    const { body, chain } = await ask("pck-certificate");
    parts.push(`${text(body).trimEnd()}\n${chain()}`);
  }
  const missing = PARTS.filter((kind) => !byKind.has(kind));
  if (missing.length === 0) {
    const [tcb, qe, pck, root] = await Promise.all(PARTS.map(ask));
    const signedTcb = signed("tcbInfo", tcb);
    const signedQe = signed("enclaveIdentity", qe);
    const collateral = {
      pck_crl_issuer_chain: pck.chain(),
      root_ca_crl: revocationList(root),
      pck_crl: revocationList(pck),
      tcb_info_issuer_chain: tcb.chain(),
      tcb_info: signedTcb.text,
      tcb_info_signature: signedTcb.signature,
      qe_identity_issuer_chain: qe.chain(),
      qe_identity: signedQe.text,
      qe_identity_signature: signedQe.signature,
    };
    parts.push(JSON.stringify(collateral));
  } else if (missing.length < PARTS.length) {
    throw new TeeproofError("needs", `collateral is fetched as one, and ${missing} is not asked for`);
  }
  return parts;
}

async function bytes(response, url) {
  const chunks = [];
  let size = 0;
  // Safari cannot iterate over a stream.
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) {
      break;
    }
    size += value.length;
    if (size > LIMIT) {
      await reader.cancel();
      throw new TeeproofError("too-large", `${url}: more than the ${LIMIT} bytes allowed`);
    }
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

const text = (body) => new TextDecoder().decode(body);

// The service writes the document first and its signature after it, so that what stands between is
// the signed text to the byte. What is cut wrongly has no valid signature.
function signed(name, { body, url }) {
  const form = new RegExp(`^\\s*\\{\\s*"${name}"\\s*:\\s*(\\{.*\\})\\s*,\\s*"signature"\\s*:\\s*"([0-9a-fA-F]+)"\\s*\\}\\s*$`, "s");
  const found = form.exec(text(body));
  if (!found) {
    throw new TeeproofError("body", `${url}: not {"${name}": …, "signature": …}`);
  }
  return { text: found[1], signature: found[2] };
}

// DER, or the hex of it, which some services send instead.
function revocationList({ body, url }) {
  if (body[0] === 0x30 && body[1] >= 0x80) {
    return Array.from(body, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  const digits = text(body).trim();
  if (!/^30([0-9a-fA-F]{2})+$/.test(digits)) {
    throw new TeeproofError("body", `${url}: no revocation list, in DER or as hex`);
  }
  return digits;
}

function issuerChain({ issuerChainHeaders }, response, url) {
  for (const header of issuerChainHeaders) {
    const value = response.headers.get(header);
    if (value) {
      try {
        return decodeURIComponent(value);
      } catch (error) {
        throw new TeeproofError("issuer-chain", `${url}: ${header} is not percent-encoded`, { cause: error });
      }
    }
  }
  const headers = issuerChainHeaders.join(" or ");
  throw new TeeproofError(
    "no-issuer-chain",
    `${url}: no header ${headers}. A browser hides it unless the service names it in Access-Control-Expose-Headers`,
  );
}
