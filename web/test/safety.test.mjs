// What the page never does: ask anybody unasked, take text for markup, take a policy from whoever is
// judged, read what is far too large.

import assert from 'node:assert/strict';
import { mkdirSync, openSync, ftruncateSync, closeSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { arrange, conditions, fixture, judge, launch, open, outcome, partsOf, scratch, serve, single, startOver, tool, flags } from './harness.mjs';

let browser;
let server;

before(async () => {
  [browser, server] = [await launch(), await serve()];
});

after(async () => {
  await browser?.close();
  server?.close();
});

const SOUND = conditions('forged/cluster-prod7');

test('no request is made before the person asks for one, nor by a verdict', async () => {
  const asked = [];
  const { page, faults, close } = await open(browser, server.url, { before: (one) => one.on('request', (request) => asked.push(request)) });
  await page.waitForLoadState('networkidle');
  const own = asked.map((request) => request.url()).filter((url) => !url.startsWith('data:'));
  for (const url of own) assert.ok(url.startsWith(server.url), url);
  assert.ok(asked.every((request) => request.method() === 'GET' && request.postData() === null));
  // The page's own files, each once and without a query: nothing is told to the server but that it is used.
  const names = own.map((url) => url.slice(server.url.length));
  assert.equal(new Set(names).size, names.length, names.join(' '));
  for (const name of names) assert.match(name, /^$|^[\w-]+\.(js|css|wasm)$/);
  assert.ok(names.includes('full.wasm') && !names.includes('lean.wasm'), names.join(' '));
  await arrange(page, { ...SOUND, policy: null });
  await judge(page);
  await page.click('text=Copy report');
  assert.equal(asked.filter((request) => !request.url().startsWith('data:')).length, own.length, 'a verdict asks nobody');
  assert.deepEqual(faults, []);
  await close();
});

test('the policy of content allows no script and no style but the page’s own', async () => {
  for (const url of [server.url, single]) {
    const { page, close } = await open(browser, url);
    const policy = await page.getAttribute('meta[http-equiv="Content-Security-Policy"]', 'content');
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|[ ;]\*/);
    const did = await page.evaluate(async () => {
      const tried = {};
      const violations = [];
      addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));
      const script = document.createElement('script');
      script.append('globalThis.injected = true');
      document.head.append(script);
      const style = document.createElement('style');
      style.append('body { display: none }');
      document.head.append(style);
      for (const [name, act] of Object.entries({
        markup: () => { document.body.innerHTML = '<b>x</b>'; },
        url: () => { document.createElement('script').src = 'https://example.com/x.js'; },
      })) {
        try {
          act();
          tried[name] = 'done';
        } catch {
          tried[name] = 'refused';
        }
      }
      try {
        setTimeout('globalThis.injected = true');
      } catch {
        // Refused at once, by a browser that looks at the type first.
      }
      while (!violations.some((one) => one.startsWith('style-src'))) await new Promise((resolve) => { setTimeout(resolve); });
      // Timers run in their order: the text that was set to run would have run by now.
      await new Promise((resolve) => { setTimeout(resolve); });
      return { tried, injected: globalThis.injected === true, hidden: getComputedStyle(document.body).display === 'none', violations };
    });
    assert.deepEqual(did.tried, { markup: 'refused', url: 'refused' }, url);
    assert.equal(did.injected, false, url);
    assert.equal(did.hidden, false, url);
    assert.ok(did.violations.includes('require-trusted-types-for') && did.violations.some((one) => one.startsWith('style-src')), did.violations.join());
    await close();
  }
});

test('text from outside is text', async (t) => {
  const directory = scratch(t);
  const evil = '<img src=x onerror="globalThis.injected=1"><script>globalThis.injected=1</script>';
  const bundle = {
    schema: 'teeproof.bundle/1',
    label: `${evil}\u202egnp.exe\u0007`,
    quote: readFileSync(join(fixture(SOUND.name), 'quote.bin')).toString('hex'),
    selfReported: { [evil]: evil },
  };
  const path = join(directory, '<b>&amp;.json');
  writeFileSync(path, JSON.stringify(bundle));
  const { page, faults, close } = await open(browser, server.url);
  await arrange(page, { name: SOUND.name, at: SOUND.at, policy: null }, [[path]]);
  const found = await judge(page);
  assert.equal(found.selfAsserted.label, bundle.label);
  await page.evaluate(() => { for (const one of document.querySelectorAll('#result details')) one.open = true; });
  assert.equal(await page.locator('#result img, #result script, #machines b').count(), 0);
  assert.equal(await page.evaluate(() => globalThis.injected), undefined);
  const said = await page.innerText('#result');
  assert.ok(said.includes(evil), 'it is shown as it is written');
  assert.ok(said.includes('\\u{202e}gnp.exe\\u{7}'), 'what cannot be seen is shown as its number');
  assert.deepEqual(faults, []);
  await close();
});

test('a file of 200 MB is refused by its size, and never read', async (t) => {
  const path = join(scratch(t), 'disk.img');
  const file = openSync(path, 'w');
  ftruncateSync(file, 200 * 1024 * 1024);
  closeSync(file);
  const { page, faults, close } = await open(browser, server.url, { before: (one) => one.addInitScript(() => {
    globalThis.reads = 0;
    for (const name of ['arrayBuffer', 'text', 'stream', 'slice']) {
      const read = Blob.prototype[name];
      Blob.prototype[name] = function counted(...words) {
        globalThis.reads += 1;
        return read.apply(this, words);
      };
    }
  }) });
  await page.setInputFiles('#files', path);
  await page.waitForSelector('#problem [data-code=too-large]');
  assert.match(await page.textContent('#problem'), /The file disk\.img has 200 MB; at most 32 MB are read/);
  await dropOn(page, [path]);
  await page.waitForSelector('#problem [data-code=too-large]');
  await page.check('input[name=policy][value=file]');
  await page.setInputFiles('#policy-pick', path);
  await page.waitForFunction(() => /at most 1\.0 MB/.test(document.querySelector('#problem').textContent));
  assert.equal(await page.evaluate(() => globalThis.reads), 0);
  assert.equal(await page.locator('.machine').count(), 0);
  await page.check('input[name=policy][value=default]');
  await page.setInputFiles('#files', partsOf('real/tdx-v4'));
  await page.waitForSelector('.machine');
  assert.ok(await page.evaluate(() => globalThis.reads) > 0, 'reading is counted');
  assert.deepEqual(faults, []);
  await close();
});

// Drops files or folders, as the desktop does it.
async function dropOn(page, files) {
  const client = await page.context().newCDPSession(page);
  await page.locator('#drop').scrollIntoViewIfNeeded();
  const box = await page.locator('#drop').boundingBox();
  const at = { x: box.x + 40, y: box.y + 20 };
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop']) await client.send('Input.dispatchDragEvent', { type, ...at, data });
}

test('a folder that is dropped is one machine, and its policy and its root are not taken', async (t) => {
  const folder = join(scratch(t), 'prod7');
  mkdirSync(folder);
  const all = [...partsOf(SOUND.name), join(fixture(SOUND.name), 'policy.toml'), join(fixture(SOUND.name), 'root.der')];
  for (const path of all) copyFileSync(path, join(folder, basename(path)));
  const { page, faults, close } = await open(browser, server.url);
  await dropOn(page, [folder]);
  await page.waitForSelector('.machine');
  assert.match(await page.textContent('.machine'), /prod7.*Passed over: policy\.toml, root\.der/);
  assert.equal(await page.isChecked('input[name=policy][value=default]'), true);
  await page.check('input[name=instant][value=given]');
  await page.fill('#instant-at', SOUND.at.replace('Z', ''));
  const found = await judge(page);
  const wanted = await tool('verify', fixture(SOUND.name), '--at', SOUND.at);
  assert.equal(found.verdictDigest, wanted.verdictDigest);
  assert.equal(found.trustAnchor.intel, true);
  assert.equal(found.verdict, 'rejected');
  await dropOn(page, [folder]);
  await page.waitForFunction(() => document.querySelectorAll('.machine').length === 2);
  assert.match(await page.textContent('#machines'), /prod7 \(2\)/);
  assert.deepEqual(faults, []);
  await close();
});

test('a root makes a simulation of it, and a simulation looks like nothing else', async () => {
  const { page, close } = await open(browser, server.url);
  await arrange(page, SOUND);
  assert.equal((await judge(page)).verdict, 'simulated');
  assert.match(await page.textContent('#result .ribbon'), /Proves nothing about hardware/);
  const looks = async () => page.evaluate(() => {
    const style = getComputedStyle(document.querySelector('#result .verdict'));
    return [style.borderTopStyle, style.backgroundImage, style.borderTopColor, document.querySelector('#result .verdict .mark').classList.value];
  });
  const simulated = await looks();
  await page.evaluate(() => { for (const one of document.querySelectorAll('#result details')) one.open = true; });
  const filled = await page.evaluate(() => [...document.querySelectorAll('#result .mark-passed .body')].map((one) => getComputedStyle(one).fill));
  assert.ok(filled.length > 10 && filled.every((fill) => fill === 'none'), 'under a test root no pass is a filled mark');
  await startOver(page);
  const trusted = conditions('real/tdx-v5-td15ex');
  await arrange(page, trusted);
  assert.equal((await judge(page)).verdict, 'trusted');
  for (const [at, look] of (await looks()).entries()) assert.notEqual(look, simulated[at]);
  await close();
});

test('what is no evidence is an error that says what to do, and none of it is kept', async (t) => {
  const directory = scratch(t);
  const { page, faults, close } = await open(browser, server.url);
  const cases = [
    ['empty.bin', '', 'empty'],
    ['note.txt', 'hello', 'unreadable'],
    ['list.json', '[1,2', 'unreadable'],
    ['verdict.json', '{"schema":"teeproof.bundle/1","verdict":"trusted","quote":"00"}', 'unreadable'],
    ['newer.json', '{"schema":"teeproof.bundle/9"}', 'unreadable'],
  ];
  for (const [name, text, code] of cases) {
    writeFileSync(join(directory, name), text);
    await page.setInputFiles('#files', join(directory, name));
    await page.waitForFunction((file) => document.querySelector('#problem').textContent.includes(file.slice(0, 5)) || document.querySelector('#problem').textContent.toLowerCase().includes(file), name);
    const problem = page.locator('#problem [data-code]');
    assert.equal(await problem.getAttribute('data-code'), code, name);
    assert.match(await problem.textContent(), /What to do: \S/, name);
    assert.equal(await page.locator('.machine').count(), 0, name);
  }
  await page.click('#verify');
  assert.equal((await outcome(page)).problem, 'no-evidence');
  assert.deepEqual(faults, []);
  await close();
});

test('parts of which nobody can tell whose they are, are refused', async () => {
  const { page, close } = await open(browser, server.url);
  const quotes = ['real/tdx-v4', 'real/tdx-v5-td15'].map((name) => join(fixture(name), 'quote.bin'));
  await page.setInputFiles('#files', [...quotes, join(fixture(SOUND.name), 'event-log.json')]);
  await page.waitForSelector('#problem [data-code=whose-part]');
  assert.equal(await page.locator('.machine').count(), 0);
  await close();
});

test('a policy that is refused says where, and judges nothing', async () => {
  const { page, close } = await open(browser, server.url);
  await arrange(page, { ...SOUND, policy: null });
  await page.check('input[name=policy][value=file]');
  await page.fill('#policy-text', 'schema = "teeproof.policy/1"\nroot = "00"\n');
  await page.waitForSelector('#policy-shown [data-code]');
  const found = await judge(page);
  assert.equal(found.problem, 'policy');
  assert.match(found.said, /Line 2, column 1: unknown key root/);
  assert.ok(!(await page.isVisible('#result')));
  await close();
});

test('the form makes the policy that is judged by, and shows it', async (t) => {
  const { page, faults, close } = await open(browser, server.url);
  await arrange(page, { ...SOUND, policy: null });
  const policy = readFileSync(SOUND.policy, 'utf8');
  const value = (key) => new RegExp(`${key} = \\[?"([^"]+)"`).exec(policy)[1];
  await page.check('input[name=policy][value=form]');
  for (const [label, key] of [['Compose hashes', 'compose-hashes'], ['App ids', 'app-ids'], ['MRTD', 'mrtd'], ['RTMR1', 'rtmr1'], ['RTMR2', 'rtmr2']]) {
    await page.getByLabel(label, { exact: true }).fill(value(key));
  }
  await page.getByLabel('Name', { exact: true }).fill('my-os');
  await page.waitForSelector('#policy-as-file', { state: 'attached' });
  await page.waitForFunction(() => document.querySelector('#policy-as-file')?.textContent.includes('my-os'));
  const text = await page.textContent('#policy-as-file');
  const found = await judge(page);
  assert.equal(found.simulates, 'trusted');
  // The text that was shown is what was judged by: the tool, given that text, says the same.
  const path = join(scratch(t), 'policy.json');
  writeFileSync(path, text);
  const wanted = await tool('verify', fixture(SOUND.name), ...flags({ ...SOUND, policy: path }));
  assert.equal(found.verdictDigest, wanted.verdictDigest);
  assert.equal(found.policy.digest, wanted.policy.digest);
  await page.getByLabel('Compose hashes', { exact: true }).fill('00'.repeat(32));
  assert.equal((await judge(page)).verdict, 'rejected');
  await page.getByLabel('Compose hashes', { exact: true }).fill('abc');
  assert.equal((await judge(page)).problem, 'policy');
  assert.deepEqual(faults, []);
  await close();
});

test('a verdict on what was entered before says so', async () => {
  const { page, close } = await open(browser, server.url);
  await arrange(page, SOUND);
  await judge(page);
  assert.equal(await page.isVisible('.stale'), false);
  await page.check('input[name=instant][value=now]');
  assert.equal(await page.isVisible('.stale'), true);
  await judge(page);
  assert.equal(await page.isVisible('.stale'), false);
  await close();
});
