// The page says what the command line tool says, whatever happens to the network, to WebCrypto, or to
// buffers behind its back; and nothing tampered with passes.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { arrange, conditions, fixture, fixtures, flags, judge, launch, open, partsOf, scratch, serve, single, startOver, tool } from './harness.mjs';

let browser;
let server;

before(async () => {
  [browser, server] = [await launch(), await serve()];
});

after(async () => {
  await browser?.close();
  server?.close();
});

// One that is accepted but for its root, with every part there is.
const SOUND = conditions('forged/cluster-prod7');

async function expected(of) {
  return tool('verify', fixture(of.name), ...flags(of));
}

function same(found, wanted, name) {
  assert.equal(found.verdictDigest, wanted.verdictDigest, `${name}: ${found.headline ?? found.said}`);
  assert.match(found.verdictDigest, /^[0-9a-f]{64}$/, name);
  assert.equal(found.verdict, wanted.verdict, name);
  assert.equal(found.headline, wanted.headline, name);
  assert.equal(found.engines, wanted.engines, name);
}

test('every fixture gives the verdict and the digest of the command line tool', async () => {
  const { page, faults, close } = await open(browser, server.url);
  const all = fixtures();
  assert.ok(all.length >= 20, `only ${all.length} fixtures`);
  const verdicts = new Set();
  for (const of of all) {
    const wanted = expected(of);
    await startOver(page);
    await arrange(page, of);
    const found = await judge(page);
    same(found, await wanted, of.name);
    if (of.verdict) assert.equal(found.verdict, of.verdict, of.name);
    verdicts.add(found.verdict);
    const shown = await page.textContent('#result .verdict h2');
    assert.ok(shown.toLowerCase().startsWith(found.verdict), `${of.name} shows ${shown}`);
  }
  assert.deepEqual([...verdicts].sort(), ['genuine', 'inconclusive', 'rejected', 'simulated', 'trusted']);
  assert.deepEqual(faults, []);
  await close();
});

test('from disk, as one file, it gives the same digest and asks nobody', async () => {
  const asked = [];
  const { page, faults, close } = await open(browser, single, { before: (one) => one.on('request', (request) => asked.push(request.url())) });
  await arrange(page, SOUND);
  same(await judge(page), await expected(SOUND), SOUND.name);
  assert.deepEqual(asked.filter((url) => !url.startsWith('data:')), [single]);
  assert.deepEqual(faults, []);
  await close();
});

test('with the network cut after loading it still works, both engines', async () => {
  const { page, close } = await open(browser, server.url);
  await page.context().setOffline(true);
  await arrange(page, SOUND);
  const found = await judge(page);
  same(found, await expected(SOUND), SOUND.name);
  assert.equal(found.engines, 'both');
  await close();
});

test('without WebCrypto it gives the same digest', async () => {
  const { page, faults, close } = await open(browser, server.url, { before: (one) => one.addInitScript(() => {
    Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined });
  }) });
  assert.equal(await page.evaluate(() => typeof crypto.subtle), 'undefined');
  await arrange(page, SOUND);
  same(await judge(page), await expected(SOUND), SOUND.name);
  assert.deepEqual(faults, []);
  await close();
});

test('a WebCrypto that fails is no answer, and the digest is the same', async () => {
  const { page, faults, close } = await open(browser, server.url, { before: (one) => one.addInitScript(() => {
    SubtleCrypto.prototype.verify = () => Promise.reject(new Error('out of order'));
    SubtleCrypto.prototype.importKey = () => { throw new Error('out of order'); };
  }) });
  await arrange(page, SOUND);
  same(await judge(page), await expected(SOUND), SOUND.name);
  assert.deepEqual(faults, []);
  await close();
});

test('a buffer that a script changes between the calls changes no verdict', async () => {
  const { page, close } = await open(browser, server.url, { before: (one) => one.addInitScript(() => {
    // Keeps hold of every buffer that was read, and overwrites them all while signatures are checked.
    const kept = [];
    const read = Blob.prototype.arrayBuffer;
    Blob.prototype.arrayBuffer = async function arrayBuffer() {
      const buffer = await read.call(this);
      kept.push(buffer);
      return buffer;
    };
    const check = SubtleCrypto.prototype.verify;
    SubtleCrypto.prototype.verify = function verify(...words) {
      globalThis.scribbled = (globalThis.scribbled ?? 0) + kept.length;
      for (const buffer of kept) new Uint8Array(buffer).fill(0x5a);
      return check.apply(this, words);
    };
  }) });
  await arrange(page, SOUND);
  same(await judge(page), await expected(SOUND), SOUND.name);
  assert.ok(await page.evaluate(() => globalThis.scribbled) > 0, 'no buffer was changed: WebCrypto was not asked');
  await close();
});

test('what was tampered with is never accepted', async (t) => {
  const directory = scratch(t);
  const of = (file) => readFileSync(join(fixture(SOUND.name), file));
  const flipped = (file, at) => {
    const bytes = of(file);
    bytes[at] ^= 0x01;
    return bytes;
  };
  const text = (file, old, now) => {
    const original = of(file).toString();
    assert.ok(original.includes(old), `${file} has no ${old}`);
    return Buffer.from(original.replace(old, now));
  };
  const cases = [
    ['quote.bin', flipped('quote.bin', 200), 'rejected'],
    ['quote.bin', flipped('quote.bin', 600), 'rejected'],
    ['quote.bin', flipped('quote.bin', 700), 'rejected'],
    ['quote.bin', of('quote.bin').subarray(0, 1000), 'rejected'],
    ['quote.bin', Buffer.concat([of('quote.bin'), Buffer.from('more')]), 'rejected'],
    ['collateral.json', text('collateral.json', 'UpToDate', 'UpTodate'), 'rejected'],
    ['event-log.json', text('event-log.json', 'compose-hash', 'compose-hasH'), 'rejected'],
    ['app-compose.json', Buffer.concat([of('app-compose.json'), Buffer.from(' ')]), 'rejected'],
  ];
  const { page, faults, close } = await open(browser, server.url);
  for (const [file, bytes, verdict] of cases) {
    const path = join(directory, file);
    writeFileSync(path, bytes);
    await startOver(page);
    await arrange(page, SOUND, [[path, ...partsOf(SOUND.name).filter((one) => !one.endsWith(file))]]);
    const found = await judge(page);
    assert.equal(found.verdict, verdict, `${file}: ${found.headline ?? found.said}`);
  }
  assert.deepEqual(faults, []);
  await close();
});

test('several machines are compared as the command line tool compares them', async () => {
  const { page, faults, close } = await open(browser, server.url);
  for (const other of ['forged/cluster-prod9', 'forged/cluster-strayed', 'forged/cluster-prod7']) {
    await startOver(page);
    await arrange(page, SOUND, [partsOf(SOUND.name), partsOf(other)]);
    const found = await judge(page);
    const wanted = await tool('compare', fixture(SOUND.name), fixture(other), ...flags(SOUND));
    assert.equal(found.comparisonDigest, wanted.comparisonDigest, other);
    assert.equal(found.result, wanted.result, other);
    assert.equal(await page.locator('table.compare tbody tr').count(), wanted.rows.length, other);
  }
  await page.check('#different-machines');
  assert.equal((await judge(page)).differentMachinesClaimed, true);
  assert.deepEqual(faults, []);
  await close();
});

test('a page of which only the lean module comes says so, and describes nothing', async () => {
  const { page, close } = await open(browser, server.url, { engines: '1', before: (one) => one.route('**/full*', (route) => route.abort()) });
  assert.match(await page.textContent('#ready'), /1 engine of two/);
  await page.setInputFiles('#files', partsOf(SOUND.name));
  await page.waitForSelector('#problem [data-code=not-loaded]');
  assert.equal(await page.locator('.machine').count(), 0);
  await close();
});

test('a page whose verifier does not come says so and judges nothing', async () => {
  const { page, close } = await open(browser, server.url, { engines: null, before: (one) => one.route('**/*.wasm', (route) => route.abort()) });
  await page.waitForSelector('#problem [data-code=not-loaded]');
  assert.match(await page.textContent('#ready'), /could not be loaded/);
  assert.ok(!(await page.isVisible('#result')));
  await close();
});
