// That everybody can use it: by keyboard, by screen reader, on a phone, in the dark, on paper.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { arrange, conditions, fixture, judge, launch, open, outcome, partsOf, serve } from './harness.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

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

// The states there are, each with what brings the page into it.
const STATES = {
  empty: async () => {},
  form: async (page) => {
    await page.check('input[name=policy][value=form]');
    await page.check('input[value=OutOfDate]');
    await page.click('text=Add an operating system');
    await page.getByLabel('MRTD', { exact: true }).first().fill('abc');
    await page.waitForSelector('#policy-shown [data-code]');
  },
  error: async (page) => {
    await page.setInputFiles('#files', join(fixture('real'), 'README.md'));
    await page.waitForSelector('#problem [data-code]');
  },
  trusted: judged(conditions('real/tdx-v5-td15ex')),
  genuine: judged({ ...conditions('real/tdx-v4'), policy: null }),
  simulated: judged(SOUND),
  rejected: judged(conditions('forged/td-debug')),
  inconclusive: async (page) => {
    await page.setInputFiles('#files', join(fixture('real/tdx-v4'), 'quote.bin'));
    await page.waitForSelector('.machine');
    await judge(page);
  },
  comparison: judged(SOUND, [partsOf(SOUND.name), partsOf('forged/cluster-prod9')]),
  strayed: judged(SOUND, [partsOf(SOUND.name), partsOf('forged/cluster-strayed')]),
};

function judged(of, parts) {
  return async (page) => {
    await arrange(page, of, parts);
    await judge(page);
  };
}

async function openAll(page) {
  await page.evaluate(() => { for (const one of document.querySelectorAll('details')) one.open = true; });
}

async function faultsOf(page, only) {
  await page.evaluate(axe);
  return page.evaluate(async (runOnly) => {
    const { violations } = await globalThis.axe.run(document, { runOnly, resultTypes: ['violations'] });
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.target} ${node.failureSummary}`).slice(0, 3).join(' | ')}`);
  }, only);
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// Only colours differ in the dark; the comparison has none of its own.
const SCHEMES = {
  light: [Object.keys(STATES), { type: 'tag', values: RULES }],
  dark: [Object.keys(STATES).filter((name) => name !== 'comparison' && name !== 'strayed'), { type: 'rule', values: ['color-contrast'] }],
};

for (const [colorScheme, [states, rules]] of Object.entries(SCHEMES)) {
  test(`axe finds nothing in any state, ${colorScheme}`, async () => {
    for (const name of states) {
      const { page, close } = await open(browser, server.url, { context: { colorScheme, bypassCSP: true, reducedMotion: 'reduce' } });
      await STATES[name](page);
      // Of a comparison the machines' own reports stay closed: they are states of their own.
      await page.evaluate(() => { for (const one of document.querySelectorAll('details:not(.instance)')) one.open = true; });
      assert.deepEqual(await faultsOf(page, rules), [], name);
      await close();
    }
  });
}

test('no state is wider than the screen', async () => {
  const { page, close } = await open(browser, server.url, { context: { reducedMotion: 'reduce' } });
  for (const [name, enter] of Object.entries(STATES)) {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.reload();
    await page.waitForFunction(() => document.documentElement.dataset.ready);
    await enter(page);
    await openAll(page);
    for (const width of [1280, 768, 390, 320]) {
      await page.setViewportSize({ width, height: 800 });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(over <= 0, `${name} at ${width}: ${over} pixels too wide`);
    }
  }
  await close();
});

test('all of it can be done with the keyboard', async () => {
  const { page, close } = await open(browser, server.url, { context: { reducedMotion: 'reduce' } });
  // Asked for at the start: choosers are caught from some time after the first listener.
  const chosen = new Promise((resolve) => { page.once('filechooser', resolve); });
  const focused = () => page.evaluate(() => ({ id: document.activeElement.id, text: document.activeElement.textContent.trim(), tag: document.activeElement.tagName }));
  const seen = [];
  const tabTo = async (wanted) => {
    for (let at = 0; at < 60; at += 1) {
      await page.keyboard.press('Tab');
      const now = await focused();
      seen.push(now.id || now.text);
      if (wanted(now)) {
        const ring = await page.evaluate(() => {
          const own = document.activeElement;
          const of = (one) => getComputedStyle(one).outlineStyle !== 'none' && getComputedStyle(one).outlineWidth !== '0px';
          return of(own) || (own.previousElementSibling !== null && of(own.previousElementSibling));
        });
        assert.ok(ring, `the focus on ${now.id || now.text} can be seen`);
        return;
      }
    }
    assert.fail(`not reached: ${seen.join(' > ')}`);
  };
  await tabTo(({ text }) => text === 'Skip to the evidence');
  await tabTo(({ id }) => id === 'files');
  await page.keyboard.press('Enter');
  await (await chosen).setFiles(partsOf('real/tdx-v4'));
  await page.waitForSelector('.machine');
  await tabTo(({ text }) => text === 'Paste text instead');
  await page.keyboard.press('Enter');
  await tabTo(({ id }) => id === 'paste');
  await tabTo(({ tag, text }) => tag === 'BUTTON' && text === 'Remove');
  await page.keyboard.press('Space');
  assert.equal(await page.locator('.machine').count(), 0);
  assert.equal((await focused()).id, 'evidence', 'the focus is not lost with what was removed');
  await page.locator('#paste').focus();
  await page.keyboard.insertText(readFileSync(join(fixture('real/tdx-v4'), 'quote.bin')).toString('base64'));
  await tabTo(({ id }) => id === 'paste-take');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.machine');
  await tabTo(({ id }) => id === 'verify');
  await page.keyboard.press('Enter');
  assert.equal((await outcome(page)).verdict, 'inconclusive');
  assert.equal((await focused()).id, 'result', 'the verdict is where the keyboard is');
  assert.equal(await page.getAttribute('#result', 'aria-labelledby'), 'result-title');
  assert.equal((await page.textContent('#result-title')).trim(), 'Inconclusive');
  await tabTo(({ text, tag }) => tag === 'SUMMARY' && text.startsWith('All endorsements are at hand'));
  await page.keyboard.press('Enter');
  await tabTo(({ id }) => id === 'pccs');
  await tabTo(({ id }) => id === 'fetch-collateral');
  await tabTo(({ tag, text }) => tag === 'SUMMARY' && text.startsWith('Checks'));
  await page.keyboard.press('Enter');
  await tabTo(({ tag, text }) => tag === 'SUMMARY' && text.startsWith('The quote is well formed'));
  await close();
});

test('every check says in plain words what a pass proves', async () => {
  const { page, close } = await open(browser, server.url);
  await arrange(page, SOUND);
  const found = await judge(page);
  const shown = await page.evaluate(() => [...document.querySelectorAll('.check-group .check')].map((one) => ({
    id: one.dataset.check, words: one.textContent, outcome: one.querySelector('.check-outcome').textContent,
  })));
  assert.deepEqual(shown.map((one) => one.id), found.checks.map((one) => one.id), 'every check, in the order of the table');
  const table = readFileSync(join(fixture('..'), 'docs/checks.md'), 'utf8');
  for (const { id, words, outcome: said } of shown) {
    const proves = table.split('\n').find((line) => line.includes(`| \`${id}\` |`)).split('|')[4].trim().replaceAll('`', '');
    assert.ok(words.replaceAll('`', '').includes(proves), id);
    assert.ok(['passed', 'failed', 'could not be checked', 'not asked for'].includes(said), id);
  }
  await close();
});

test('paper shows the report, all of it, and nothing else', async () => {
  const { page, close } = await open(browser, server.url);
  await arrange(page, SOUND);
  const found = await judge(page);
  await page.evaluate(() => { for (const one of document.querySelectorAll('#result details')) one.open = false; });
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  assert.equal(await page.isVisible('#inputs'), false);
  assert.equal(await page.isVisible('.actions'), false);
  for (const text of [found.verdictDigest, found.measurements.mrtd, found.policy.digest, 'The quote is well formed']) {
    assert.ok((await page.innerText('#result')).includes(text), text);
  }
  const pages = await page.pdf();
  assert.ok(pages.length > 10_000);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  assert.equal(await page.locator('#result details[open]').count(), 0);
  await close();
});

test('a verdict that has no colour still has its word and its shape', async () => {
  const { page, close } = await open(browser, server.url, { context: { forcedColors: 'active' } });
  const shapes = new Map();
  for (const [name, of] of [['trusted', conditions('real/tdx-v5-td15ex')], ['simulated', SOUND], ['rejected', conditions('forged/td-debug')]]) {
    await page.reload();
    await page.waitForFunction(() => document.documentElement.dataset.ready);
    await arrange(page, of);
    await judge(page);
    assert.ok((await page.textContent('#result-title')).toLowerCase().includes(name));
    shapes.set(await page.evaluate(() => [...document.querySelector('#result .verdict-line .mark').children].map((one) => one.outerHTML).join()), name);
  }
  assert.equal(shapes.size, 3);
  await close();
});
