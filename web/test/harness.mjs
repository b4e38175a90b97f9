// What the tests share: a file server that keeps count, a browser, the command line tool, and the
// steps a person takes on the page.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

export const repository = fileURLToPath(new URL('../..', import.meta.url));
export const site = join(repository, 'web/dist/site');
export const single = pathToFileURL(join(repository, 'web/dist/teeproof.html')).href;
export const fixture = (name) => join(repository, 'fixtures', name);

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.json': 'application/json' };
const ARGUMENTS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

// A server on loopback. `routes` answer before the files do: a function of the request that returns
// `{ status, headers, body }`, or nothing.
export async function serve(routes = () => null, root = site) {
  const asked = [];
  const server = createServer(async (request, response) => {
    asked.push(request.url);
    const url = new URL(request.url, 'http://localhost');
    const special = await routes(request, url);
    if (special) {
      response.writeHead(special.status ?? 200, special.headers ?? {});
      response.end(special.body ?? '');
      return;
    }
    try {
      const path = join(root, url.pathname.endsWith('/') ? 'index.html' : url.pathname);
      const body = readFileSync(path);
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' });
      response.end(body);
    } catch {
      response.writeHead(404);
      response.end();
    }
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { url: `http://127.0.0.1:${server.address().port}/`, asked, close: () => { server.closeAllConnections(); server.close(); } };
}

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });

// A page that is ready, and everything that went wrong on it. `faults` is to be empty at the end.
export async function open(browser, url, { before = null, context = {}, engines = '2' } = {}) {
  const own = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...context });
  const page = await own.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') faults.push(message.text()); });
  if (before) await before(page, own);
  await page.goto(url);
  if (engines) await page.waitForFunction((count) => document.documentElement.dataset.ready === count, engines);
  return { page, faults, close: () => own.close() };
}

// The parts of a fixture, without what is written for people.
export function partsOf(name) {
  return readdirSync(fixture(name)).filter((file) => !/\.(toml|der|md)$/.test(file)).sort().map((file) => join(fixture(name), file));
}

const has = (path) => statSync(path, { throwIfNoEntry: false }) !== undefined;

// Every fixture there is, with what it is judged by.
export function fixtures() {
  return ['forged', 'real'].flatMap((kind) => readdirSync(fixture(kind), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => conditions(`${kind}/${entry.name}`)));
}

// What a fixture is judged by. Of real evidence the instant is one inside of its window.
export function conditions(name) {
  const path = (file) => join(fixture(name), file);
  const expect = has(path('expect.toml')) ? readFileSync(path('expect.toml'), 'utf8') : '';
  const declared = (key) => new RegExp(`^${key} = "(.*)"$`, 'm').exec(expect)?.[1];
  return {
    name,
    at: declared('at') ?? WINDOWS[name],
    challenge: declared('challenge') ?? null,
    rule: declared('challenge-rule') ?? null,
    verdict: declared('verdict') ?? null,
    policy: path('policy.toml'),
    root: has(path('root.der')) ? path('root.der') : null,
  };
}

const WINDOWS = {
  'real/tdx-v4': '2025-06-25T00:00:00Z',
  'real/tdx-v5-td15': '2026-03-01T00:00:00Z',
  'real/tdx-v5-td15ex': '2026-10-20T00:00:00Z',
  'real/sgx-v3': '2025-06-25T00:00:00Z',
};

const run = promisify(execFile);

// What the command line tool answers. It ends with a code that is no failure of it.
export async function tool(...words) {
  const binary = process.env.TEEPROOF ?? join(repository, 'target/debug/teeproof');
  const { stdout } = await run(binary, [...words, '--format', 'json'], { maxBuffer: 64 * 1024 * 1024 })
    .catch((error) => (error.stdout ? error : Promise.reject(error)));
  return JSON.parse(stdout);
}

export function flags(of) {
  return [
    '--at', of.at,
    ...(of.policy ? ['--policy', of.policy] : []),
    ...(of.root ? ['--root', of.root] : []),
    ...(of.challenge ? ['--challenge', of.challenge, '--challenge-rule', of.rule] : []),
  ];
}

// What a person does: gives the parts, sets what is judged by.
export async function arrange(page, of, parts = [partsOf(of.name)]) {
  for (const [at, files] of parts.entries()) {
    await page.setInputFiles('#files', files);
    await page.waitForFunction((count) => document.querySelectorAll('.machine').length === count, at + 1);
  }
  await page.evaluate(() => { for (const one of document.querySelectorAll('form details')) one.open = true; });
  if (of.policy) {
    await page.check('input[name=policy][value=file]');
    await page.fill('#policy-text', readFileSync(of.policy, 'utf8'));
  } else {
    await page.check('input[name=policy][value=default]');
  }
  if (of.root) {
    await page.setInputFiles('#root-pick', of.root);
    await page.waitForFunction(() => !document.querySelector('#root-drop').hidden);
  } else if (await page.isVisible('#root-drop')) {
    await page.click('#root-drop');
  }
  await page.fill('#challenge', of.challenge ?? '');
  if (of.rule) await page.selectOption('#rule', of.rule);
  if (of.at) {
    await page.check('input[name=instant][value=given]');
    await page.fill('#instant-at', of.at.replace('Z', ''));
  }
}

// Asks for the verdict and waits for what comes of it: the answer, or the code of the error.
export async function judge(page, selector = '#verify') {
  await page.evaluate(() => {
    delete document.querySelector('#result').dataset.verdict;
    document.querySelector('#problem').replaceChildren();
  });
  await page.click(selector);
  return outcome(page);
}

export async function outcome(page) {
  await page.waitForFunction(() => document.querySelector('#result').dataset.verdict || document.querySelector('#problem [data-code]'), null, { timeout: 60_000 });
  return page.evaluate(async () => {
    const problem = document.querySelector('#problem [data-code]');
    if (problem) return { problem: problem.dataset.code, said: problem.textContent };
    const details = document.querySelector('.actions details');
    details.open = true;
    const raw = details.querySelector('.raw');
    while (raw.value === '') await new Promise((resolve) => { requestAnimationFrame(resolve); });
    return JSON.parse(raw.value);
  });
}

export async function startOver(page) {
  if (await page.isVisible('#clear')) await page.click('#clear');
}

// An empty folder that is gone after the test.
export function scratch(test) {
  const path = mkdtempSync(join(tmpdir(), 'teeproof-page-'));
  test.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
