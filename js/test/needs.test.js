// Collateral that is missing is fetched, by the caller's own `fetch`, and judged like any other.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { TeeproofError, complete, load, meetNeeds } from "teeproof/lean";
import { root, sample } from "./support.js";

const teeproof = await load();
const { lean: options } = sample();
const folder = `${root}fixtures/real/tdx-v4`;
const quote = new Uint8Array(readFileSync(`${folder}/quote.bin`));
const file = JSON.parse(readFileSync(`${folder}/collateral.json`, "utf8"));
const [truth] = teeproof.verifySync({ parts: [quote, JSON.stringify(file)] }, options);
const [{ needs }] = teeproof.verifySync({ parts: [quote] }, options);

// A service, by the paths that it knows.
function service(change = {}) {
  const chain = (name, pem) => ({ headers: { [name]: encodeURIComponent(pem) } });
  const answers = {
    "/tdx/certification/v4/tcb": [
      `{"tcbInfo":${file.tcb_info},"signature":"${file.tcb_info_signature}"}`,
      chain("TCB-Info-Issuer-Chain", file.tcb_info_issuer_chain),
    ],
    "/tdx/certification/v4/qe/identity": [
      `{"enclaveIdentity":${file.qe_identity},"signature":"${file.qe_identity_signature}"}`,
      chain("SGX-Enclave-Identity-Issuer-Chain", file.qe_identity_issuer_chain),
    ],
    "/sgx/certification/v4/pckcrl": [
      Buffer.from(file.pck_crl, "hex"),
      chain("SGX-PCK-CRL-Issuer-Chain", file.pck_crl_issuer_chain),
    ],
    "/sgx/certification/v4/rootcacrl": [file.root_ca_crl, {}],
    "/IntelSGXRootCA.der": [Buffer.from(file.root_ca_crl, "hex"), {}],
    ...change,
  };
  const asked = [];
  const fetch = async (url) => {
    asked.push(url);
    const answer = answers[new URL(url).pathname];
    return answer ? new Response(...answer) : new Response("none", { status: 404 });
  };
  return { fetch, service: "https://pccs.example.org/", asked };
}

test("what is missing is named, fetched and judged", async () => {
  assert.deepEqual(needs.map(({ kind }) => kind).sort(), ["pck-crl", "qe-identity", "root-crl", "tcb-info"]);
  const source = service();
  const { answers, parts } = await complete(teeproof, { parts: [quote] }, options, source);
  assert.equal(answers[0].verdictDigest, truth.verdictDigest);
  assert.equal(parts.length, 2);
  assert.equal(source.asked.length, 4);
  assert.ok(source.asked.every((url) => url.startsWith("https://pccs.example.org/")));
});

test("nothing is asked where nothing is missing", async () => {
  const source = service();
  await complete(teeproof, { parts: [quote, JSON.stringify(file)] }, options, source);
  assert.deepEqual(source.asked, []);
});

test("at Intel's own service the root's list lies elsewhere", async () => {
  const source = { ...service(), service: "https://api.trustedservices.intel.com" };
  const { answers } = await complete(teeproof, { parts: [quote] }, options, source);
  assert.equal(answers[0].verdictDigest, truth.verdictDigest);
  assert.ok(source.asked.includes("https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"));
});

test("a PCK certificate comes with its chain", async () => {
  const need = { kind: "pck-certificate", path: "/sgx/certification/v4/pckcert", issuerChainHeaders: ["X", "Y"] };
  const answer = ["-----BEGIN CERTIFICATE-----\nleaf\n", { headers: { Y: "issuer%0A" } }];
  const parts = await meetNeeds([need], service({ [need.path]: answer }));
  assert.deepEqual(parts, ["-----BEGIN CERTIFICATE-----\nleaf\nissuer\n"]);
});

for (const [what, code, change] of [
  ["a header that a browser hides", "no-issuer-chain", { "/sgx/certification/v4/pckcrl": [Buffer.from(file.pck_crl, "hex"), {}] }],
  ["a header that is not percent-encoded", "issuer-chain", { "/sgx/certification/v4/pckcrl": [Buffer.from(file.pck_crl, "hex"), { headers: { "SGX-PCK-CRL-Issuer-Chain": "%zz" } }] }],
  ["a platform that is not known", "status", { "/tdx/certification/v4/tcb": undefined }],
  ["a page instead of an answer", "body", { "/tdx/certification/v4/tcb": ["<html>", {}] }],
  ["a document without a signature", "body", { "/tdx/certification/v4/qe/identity": ['{"enclaveIdentity":{}}', {}] }],
  ["a list that is none", "body", { "/sgx/certification/v4/rootcacrl": ["31ab", {}] }],
  ["more than anybody needs", "too-large", { "/sgx/certification/v4/rootcacrl": [new Uint8Array(5 << 20), {}] }],
]) {
  test(`${what} is refused`, async () => {
    await assert.rejects(meetNeeds(needs, service(change)), (error) => {
      assert.ok(error instanceof TeeproofError);
      assert.equal(error.code, code);
      return true;
    });
  });
}

test("a service that is out of reach, and needs that are not whole", async () => {
  const fetch = async () => Promise.reject(new TypeError("Failed to fetch"));
  await assert.rejects(meetNeeds(needs, { fetch, service: "https://x.example" }), { code: "fetch" });
  await assert.rejects(meetNeeds(needs.slice(1), service()), { code: "needs" });
  assert.deepEqual(await meetNeeds([], service()), []);
});

test("a service that lies gains nothing", async () => {
  const changed = file.tcb_info.replace('"OutOfDate"', '"UpToDate" ');
  assert.notEqual(changed, file.tcb_info);
  const answer = [
    `{"tcbInfo":${changed},"signature":"${file.tcb_info_signature}"}`,
    { headers: { "TCB-Info-Issuer-Chain": encodeURIComponent(file.tcb_info_issuer_chain) } },
  ];
  const source = service({ "/tdx/certification/v4/tcb": answer });
  const { answers } = await complete(teeproof, { parts: [quote] }, options, source);
  assert.notEqual(answers[0].verdict, truth.verdict);
  assert.notEqual(answers[0].verdict, "trusted");
});
