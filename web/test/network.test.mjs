// What the page does when it is asked to ask somebody: an instance, a PCCS, a badge's bundle. And
// links, which ask nobody.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { arrange, conditions, fixture, flags, judge, launch, open, outcome, partsOf, serve, tool } from './harness.mjs';
import { simulate } from './simulator.mjs';

let browser;
let server;
let simulation;

before(async () => {
  [browser, server, simulation] = await Promise.all([launch(), serve(), simulate('--instances', '1', '--no-collateral')]);
});

after(async () => {
  simulation?.stop();
  await browser?.close();
  server?.close();
});

const SOUND = conditions('forged/cluster-prod7');
const OPEN = { 'access-control-allow-origin': '*' };

// Sets what simulated machines are judged by.
async function trusting(page, { root, policy }) {
  await arrange(page, { root, policy }, []);
}

// Asks an address, and tells what came of it.
async function asks(page, address) {
  await page.fill('#address', address);
  return judge(page, '#ask');
}

// The simulator's PCCS as pages see it: with CORS, and with or without the issuer chains.
function pccs(exposed) {
  return serve(async (request) => {
    const response = await fetch(new URL(request.url.replace(/^\//, ''), `${simulation.pccs.replace(/\/*$/, '')}/`));
    const headers = { ...OPEN };
    for (const [name, value] of response.headers) if (/chain|content-type/.test(name)) headers[name] = value;
    if (exposed) headers['access-control-expose-headers'] = Object.keys(headers).join(', ');
    return { status: response.status, headers, body: Buffer.from(await response.arrayBuffer()) };
  });
}

test('an instance is asked with a fresh challenge, and its channel is unbound', async () => {
  const { page, faults, close } = await open(browser, server.url);
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await trusting(page, simulation);
  const found = await asks(page, simulation.instances[0]);
  assert.equal(found.verdict, 'inconclusive', found.said);
  assert.equal(found.challenge.source, 'caller');
  assert.equal(found.challenge.rule, 'teeproof-evidence');
  assert.equal(found.channel, 'unbound');
  assert.match(await page.textContent('#result .essentials'), /unbound.*cannot see the key/s);
  assert.equal(asked.length, 1, asked.join(' '));
  assert.match(asked[0], /\/attestation\?challenge=[0-9a-f]{64}$/);
  assert.deepEqual(faults, []);
  await close();
});

test('missing collateral is fetched when the person asks for it, and then the verdict stands', async () => {
  const service = await pccs(true);
  const { page, faults, close } = await open(browser, server.url);
  await trusting(page, simulation);
  assert.equal((await asks(page, simulation.instances[0])).verdict, 'inconclusive');
  assert.deepEqual(service.asked, []);
  await page.fill('#pccs', service.url);
  const found = await judge(page, '#fetch-collateral');
  assert.equal(found.verdict, 'simulated', found.headline ?? found.said);
  assert.equal(found.simulates, 'trusted');
  assert.equal(found.channel, 'unbound');
  assert.match(found.headline, /channel unbound/);
  assert.equal(found.checks.find((check) => check.id === 'freshness.challenge').outcome, 'passed');
  assert.ok(service.asked.length >= 4, service.asked.join(' '));
  assert.deepEqual(faults, []);
  service.close();
  await close();
});

test('issuer chains that a browser may not see are named as the reason', async () => {
  const service = await pccs(false);
  const { page, close } = await open(browser, server.url);
  await trusting(page, simulation);
  await asks(page, simulation.instances[0]);
  await page.fill('#pccs', service.url);
  const found = await judge(page, '#fetch-collateral');
  assert.equal(found.problem, 'hidden-headers', found.said);
  assert.match(found.said, /Access-Control-Expose-Headers/);
  assert.match(found.said, /teeproof collateral fetch/);
  service.close();
  await close();
});

test('a service that no page may ask is named as one', async () => {
  const { page, close } = await open(browser, server.url);
  await trusting(page, simulation);
  await asks(page, simulation.instances[0]);
  // The simulator's own PCCS has no CORS, like most.
  await page.fill('#pccs', simulation.pccs);
  const found = await judge(page, '#fetch-collateral');
  assert.equal(found.problem, 'unreachable', found.said);
  assert.match(found.said, /CORS/);
  await close();
});

test('an old answer that claims to be new is rejected', async () => {
  const old = await (await fetch(`${simulation.instances[0]}/attestation?challenge=${'61'.repeat(32)}`)).json();
  // It says that it answers whatever it is asked. Its quote does not.
  const liar = await serve((request, { pathname, searchParams }) => (pathname === '/attestation'
    ? { headers: OPEN, body: JSON.stringify({ ...old, challenge: { ...old.challenge, bytes: searchParams.get('challenge') } }) } : null));
  const { page, close } = await open(browser, server.url);
  await trusting(page, simulation);
  const found = await asks(page, liar.url);
  assert.equal(found.verdict, 'rejected', found.said ?? found.headline);
  assert.equal(found.checks.find((check) => check.id === 'freshness.challenge').reason, 'challenge-mismatch');
  liar.close();
  await close();
});

test('two instances are asked with a challenge each, and compared', async () => {
  const two = await simulate('--instances', '2');
  const { page, faults, close } = await open(browser, server.url);
  await trusting(page, two);
  assert.equal((await asks(page, two.instances[0])).verdict, 'simulated');
  await page.check('#different-machines');
  const found = await asks(page, two.instances[1]);
  assert.equal(found.result, 'same-code', found.headline ?? found.said);
  assert.equal(found.simulated, true);
  const row = found.rows.find((one) => one.id === 'report-data');
  assert.equal(row.relation, 'must-differ', 'each had its own challenge');
  assert.equal(row.standing, 'holds');
  assert.deepEqual(found.instances.map((one) => one.channel), ['unbound', 'unbound']);
  assert.match(found.headline, /channel unbound/);
  assert.deepEqual(faults, []);
  two.stop();
  await close();
});

test('addresses that give no evidence are errors of a kind each', async () => {
  const bundle = JSON.stringify({ schema: 'teeproof.bundle/1', quote: '00', challenge: { bytes: '00'.repeat(32), rule: 'teeproof-evidence' } });
  const other = await serve((request, { pathname }) => ({
    '/none/attestation': { status: 404, headers: OPEN },
    '/html/attestation': { headers: OPEN, body: '<html>' },
    '/json/attestation': { headers: OPEN, body: '{"schema":"else"}' },
    '/busy/attestation': { status: 429, headers: OPEN, body: '{"error":{"code":"rate-exceeded","message":"<b>"}}' },
    '/old/attestation': { headers: OPEN, body: bundle },
    '/mute/attestation': { body: bundle },
    '/large/attestation': { headers: OPEN, body: Buffer.alloc(33 * 1024 * 1024, 0x20) },
  })[pathname]);
  const { page, close } = await open(browser, server.url);
  await trusting(page, simulation);
  for (const [address, problem] of [
    [`${other.url}none`, 'no-endpoint'], [`${other.url}html`, 'not-evidence'], [`${other.url}json`, 'not-evidence'],
    [`${other.url}busy`, 'refused'], [`${other.url}old`, 'other-challenge'], [`${other.url}mute`, 'unreachable'],
    [`${other.url}large`, 'too-large'],
    ['http://example.com', 'address'], ['ftp://localhost/', 'address'], ['example.com', 'address'], ['', 'address'],
    ['https://me:secret@localhost/', 'address'], ['https://localhost/?x=1', 'address'], ['javascript:alert(1)', 'address'],
  ]) {
    const asked = other.asked.length;
    const found = await asks(page, address);
    assert.equal(found.problem, problem, `${address}: ${found.said}`);
    assert.match(found.said, /What to do: \S/, address);
    if (problem === 'address') assert.equal(other.asked.length, asked, address);
    assert.equal(await page.locator('.machine').count(), 0, address);
  }
  other.close();
  await close();
});

test('a link carries the evidence alone, and tells the server nothing', async () => {
  const { page, close } = await open(browser, server.url, { context: { permissions: ['clipboard-read', 'clipboard-write'] } });
  await arrange(page, SOUND);
  await judge(page);
  await page.click('text=Copy link with the evidence');
  await page.waitForFunction(() => /Link copied/.test(document.querySelector('.actions').textContent));
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await close();
  assert.ok(link.startsWith(`${server.url}#evidence-1=`), link.slice(0, 80));

  const before = server.asked.length;
  const other = await open(browser, link, { before: (one) => one.addInitScript(`Date.now = () => ${Date.parse(SOUND.at)}`) });
  const found = await outcome(other.page);
  assert.ok(server.asked.slice(before).every((url) => !url.includes('evidence') && url.length < 60), 'the fragment stays here');
  // Neither the policy nor the root of whoever made the link came with it.
  assert.equal(found.trustAnchor.intel, true);
  assert.equal(found.verdict, 'rejected');
  const wanted = await tool('verify', fixture(SOUND.name), '--at', SOUND.at);
  assert.equal(found.verdictDigest, wanted.verdictDigest);
  assert.equal(await other.page.isChecked('input[name=policy][value=default]'), true);
  assert.deepEqual(other.faults, []);
  await other.close();
});

test('a link that is damaged, foreign or a trap is an error', async () => {
  const { deflateRawSync } = await import('node:zlib');
  const packed = (content) => deflateRawSync(Buffer.from(content)).toString('base64url');
  const of = (parts) => packed(JSON.stringify([{ name: 'x', parts }]));
  for (const [fragment, problem] of [
    ['!!!', 'permalink'], ['AAAA', 'permalink'], [packed('{'), 'permalink'], [packed('{}'), 'permalink'], [packed('[]'), 'permalink'],
    [packed('[{"name":"x","parts":[]}]'), 'permalink'], [packed('[null]'), 'permalink'],
    [of([{ name: 'x', bytes: '***' }]), 'permalink'], [of([{ name: 1, bytes: 'AAAA' }]), 'permalink'],
    [of([{ name: 'x', bytes: 'AAAA' }]), 'unreadable'],
    [deflateRawSync(Buffer.alloc(64 * 1024 * 1024, 0x20)).toString('base64url'), 'too-large'],
  ]) {
    const { page, faults, close } = await open(browser, `${server.url}#evidence-1=${fragment}`);
    const found = await outcome(page);
    assert.equal(found.problem, problem, `${fragment.slice(0, 40)}: ${found.said}`);
    assert.ok(!(await page.isVisible('#result')));
    assert.deepEqual(faults, []);
    await close();
  }
});

test('the word of the bundle about its capture is taken only when chosen, and said', async (t) => {
  const { writeFileSync, mkdtempSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const directory = mkdtempSync(join(tmpdir(), 'teeproof-page-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const text = (file) => readFileSync(join(fixture(SOUND.name), file), 'utf8');
  const path = join(directory, 'prod7.json');
  writeFileSync(path, JSON.stringify({
    schema: 'teeproof.bundle/1', capturedAt: SOUND.at,
    quote: readFileSync(join(fixture(SOUND.name), 'quote.bin')).toString('hex'),
    eventLog: text('event-log.json'), appCompose: text('app-compose.json'), vmConfig: text('vm-config.json'),
    collateral: [JSON.parse(text('collateral.json'))],
  }));
  const { page, faults, close } = await open(browser, server.url);
  assert.equal(await page.isDisabled('input[name=instant][value=captured]'), true);
  await arrange(page, { root: SOUND.root, policy: SOUND.policy }, [[path]]);
  assert.equal((await judge(page)).atSource, 'clock');
  await page.check('input[name=instant][value=captured]');
  const found = await judge(page);
  assert.equal(found.atSource, 'captured');
  assert.match(found.headline, /the bundle's own word/);
  assert.match(await page.textContent('#result .when'), /own word/);
  const wanted = await tool('verify', path, ...flags({ ...SOUND, at: 'captured' }));
  assert.equal(found.verdictDigest, wanted.verdictDigest);
  assert.equal(found.headline, wanted.headline);
  assert.deepEqual(faults, []);
  await close();
});

test('the badge verifies a bundle when it is clicked, and says what it cannot prove', async () => {
  const real = 'real/tdx-v4';
  const bundle = JSON.stringify({
    schema: 'teeproof.bundle/1', capturedAt: '2025-06-25T00:00:00Z',
    quote: readFileSync(join(fixture(real), 'quote.bin')).toString('hex'),
    collateral: [JSON.parse(readFileSync(join(fixture(real), 'collateral.json'), 'utf8'))],
  });
  const shop = await serve((request, { pathname }) => ({
    '/': { headers: { 'content-type': 'text/html', 'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'; trusted-types 'none'" }, body: '<!doctype html><title>shop</title><script type="module" src="badge.js"></script><link rel="icon" href="data:,"><teeproof-badge bundle="evidence.json" at="captured" elsewhere="https://elsewhere.example/"></teeproof-badge><teeproof-badge bundle="gone.json"></teeproof-badge><teeproof-badge bundle="javascript:alert(1)"></teeproof-badge>' },
    '/evidence.json': { headers: { 'content-type': 'application/json' }, body: bundle },
    '/gone.json': { status: 404 },
  })[pathname]);
  const { page, close } = await open(browser, shop.url, { engines: null });
  await page.waitForFunction(() => customElements.get('teeproof-badge') !== undefined);
  const [badge, gone, wrong] = await page.locator('teeproof-badge').all();
  await badge.getByRole('button').waitFor();
  assert.ok(shop.asked.every((url) => !/evidence|wasm/.test(url)), 'it asks for nothing before it is clicked');
  await badge.getByRole('button').click();
  await badge.locator('.verdict').waitFor();
  const wanted = await tool('verify', fixture(real), '--at', '2025-06-25T00:00:00Z');
  const said = await badge.locator('.badge').textContent();
  assert.ok(said.toLowerCase().includes(wanted.verdict), said);
  assert.ok(said.includes(wanted.verdictDigest.slice(0, 16)), said);
  assert.match(said, /proves nothing to you/);
  await badge.getByText('Details').click();
  assert.ok((await badge.locator('details').textContent()).includes(wanted.verdictDigest));
  const link = await badge.getByText('Check it elsewhere').getAttribute('href');
  assert.match(link, /^https:\/\/elsewhere\.example\/#evidence-1=[\w-]+$/);
  for (const one of [gone, wrong]) {
    await one.getByRole('button').click();
    await one.getByText('Not verified').first().waitFor();
    assert.match(await one.locator('.badge').textContent(), /proves nothing to you/);
  }
  assert.equal(await wrong.locator('a').count(), 0, 'no link to what is no web address');
  shop.close();
  await close();
});
