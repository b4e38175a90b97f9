// The page: what the person chose, and what happens when they ask for a verdict.

import { byId, h, replace } from './dom.js';
import { Engine } from './engine.js';
import { asFault, Fault } from './fault.js';
import { der, dropped, read, size } from './files.js';
import { toHex } from './hex.js';
import { evidenceOf } from './instance.js';
import { Machines } from './machines.js';
import { mark } from './marks.js';
import { prose } from './parts.js';
import { read as readLink } from './permalink.js';
import { Policy } from './policy.js';
import { Result } from './result.js';
import { capital, plural } from './words.js';

const engine = new Engine();
const machines = new Machines(engine);
const policy = new Policy(engine, changed);
const result = new Result(byId('result'), { machines, engine, supply, fail });
let root = null;
let asked = 0;

// One sentence for everybody, read out by screen readers.
function say(text) {
  byId('status').textContent = text;
}

function fail(thrown) {
  const fault = asFault(thrown);
  say('');
  replace(byId('problem'), h('div', { class: 'notice error', role: 'alert', 'data-code': fault.code },
    mark('error'),
    h('div', {}, h('p', {}, prose(`${capital(fault.message)}.`)), fault.next ? h('p', { class: 'next' }, h('strong', {}, 'What to do: '), prose(`${fault.next}.`)) : null)));
}

// Does something that may fail, and says so if it does.
async function attempt(what, doing = null) {
  replace(byId('problem'));
  if (doing) say(doing);
  try {
    await what();
    if (doing) say('');
  } catch (thrown) {
    fail(thrown);
  }
}

// What was judged is no longer what stands in the form.
function changed() {
  asked += 1;
  result.outdate();
}

function draw() {
  const list = machines.list;
  byId('clear').hidden = list.length === 0 && result.empty;
  byId('verify').textContent = machines.instances > 1 ? `Verify and compare ${machines.instances} instances` : 'Verify';
  replace(byId('machines'), list.map((machine, at) => h('div', { class: 'machine', role: 'group', 'aria-label': `Machine ${at + 1}` },
    h('div', { class: 'machine-head' },
      h('h3', {}, list.length > 1 ? `${at + 1}. ${machine.name}` : machine.name),
      h('button', { type: 'button', class: 'quiet', 'aria-label': `Remove ${machine.name}`, on: { click: () => { machines.remove(machine); refresh(); byId('evidence').focus(); } } }, 'Remove')),
    h('ul', { class: 'files' }, machine.parts.map((part) => h('li', {},
      h('span', { class: 'file' }, part.name), h('span', { class: 'hint' }, ` ${part.says}, ${size(part.bytes.length)}`)))),
    machine.notes.map((note) => h('p', { class: 'hint' }, capital(note), '.')))));
  const captured = document.querySelector('input[name=instant][value=captured]');
  captured.disabled = !(list.length > 0 && list.every((machine) => machine.parts.some((part) => part.capturedAt)));
  if (captured.disabled && captured.checked) choose('instant', 'now');
}

function refresh() {
  changed();
  draw();
}

const chosen = (name) => document.querySelector(`input[name=${name}]:checked`).value;

function choose(name, value) {
  document.querySelector(`input[name=${name}][value=${value}]`).checked = true;
  for (const other of document.querySelectorAll(`input[name=${name}]`)) {
    const panel = byId(`${name}-${other.value}`);
    if (panel) panel.hidden = other.value !== value;
  }
}

async function contents(files) {
  const found = [];
  for (const file of files) found.push({ name: file.name, bytes: await read(file, 'evidence') });
  return found;
}

async function take(files) {
  if (files.length > 0) await machines.add(await contents(files));
}

async function takeDrop({ loose, folders }) {
  for (const folder of folders) {
    const parts = await contents(folder.files);
    if (parts.length === 0) {
      throw new Fault('no-evidence', `the folder ${folder.name} holds no evidence`, 'give a folder with a quote in it; policies, notes and roots in it are passed over');
    }
    const notes = folder.passedOver.length > 0
      ? [`passed over: ${folder.passedOver.join(', ')}; a policy and a root are yours to choose, never the evidence’s`] : [];
    await machines.addMachine(folder.name, parts, { notes });
  }
  await take(loose);
}

// The instant, as the request has it.
function instant() {
  const kind = chosen('instant');
  if (kind === 'now') return { at: Math.floor(Date.now() / 1000), source: 'clock' };
  if (kind === 'captured') return { source: 'captured' };
  const text = byId('instant-at').value;
  const at = Date.parse(`${text.length === 16 ? `${text}:00` : text}Z`);
  if (!Number.isFinite(at) || at < 0) {
    throw new Fault('instant', 'there is no date to judge at', 'enter a date and a time, or choose now');
  }
  return { at: at / 1000, source: 'given' };
}

// A challenge that the person made elsewhere. An instance that was asked from here has its own.
function challenge() {
  const bytes = byId('challenge').value.trim().toLowerCase();
  return bytes === '' ? null : { bytes, rule: byId('rule').value };
}

async function verify() {
  if (machines.list.length === 0) {
    throw new Fault('no-evidence', 'there is nothing to judge yet', 'drop, paste or choose evidence above, or ask an instance');
  }
  asked += 1;
  const mine = asked;
  byId('inputs').setAttribute('aria-busy', 'true');
  byId('verify').setAttribute('aria-disabled', 'true');
  try {
    const options = {
      policy: policy.text(),
      instant: instant(),
      root: root ? toHex(root.bytes) : null,
      challenge: challenge(),
      differentMachines: byId('different-machines').checked,
    };
    // Lets the browser paint the word before the work begins.
    await new Promise((resolve) => { setTimeout(resolve, 0); });
    const answered = machines.instances > 1
      ? { comparison: await engine.compare(machines.list, options) }
      : { answers: await engine.verify(machines.list, options) };
    const checks = await engine.checks();
    // The form was changed meanwhile: this would be the verdict on something else.
    if (mine !== asked) return;
    result.show(answered, checks);
    draw();
  } finally {
    byId('inputs').removeAttribute('aria-busy');
    byId('verify').removeAttribute('aria-disabled');
  }
}

// Gives machines the collateral that was fetched for them, and judges again.
async function supply(fetched) {
  for (const [machine, parts] of fetched) {
    for (const part of parts) await machines.supply(machine, 'fetched collateral', new TextEncoder().encode(part));
  }
  refresh();
  await attempt(verify, 'Judging…');
}

function openPicker(id, kind, taken) {
  byId(id).addEventListener('change', () => attempt(async () => {
    const files = [...byId(id).files];
    byId(id).value = '';
    if (kind === 'evidence') await take(files).finally(refresh);
    else if (files.length > 0) await taken(files[0], await read(files[0], kind));
  }));
}

function listen() {
  openPicker('files', 'evidence');
  openPicker('policy-pick', 'policy', async (file, bytes) => policy.file(file.name, bytes));
  openPicker('root-pick', 'root', async (file, bytes) => {
    root = { name: file.name, bytes: der(bytes) };
    replace(byId('root-name'), 'The trust anchor is ', h('strong', {}, file.name), ', not Intel’s root.');
    byId('root-drop').hidden = false;
    changed();
  });
  byId('root-drop').addEventListener('click', () => {
    root = null;
    replace(byId('root-name'), 'Intel’s root is the trust anchor.');
    byId('root-drop').hidden = true;
    byId('root-pick').focus();
    changed();
  });

  let over = 0;
  const hover = (by) => {
    over = Math.max(0, over + by);
    byId('drop').classList.toggle('over', over > 0);
  };
  document.addEventListener('dragenter', () => hover(1));
  document.addEventListener('dragleave', () => hover(-1));
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    hover(-over);
    const files = dropped(event.dataTransfer);
    attempt(async () => takeDrop(await files).finally(refresh));
  });
  document.addEventListener('paste', (event) => {
    if (event.target.matches?.('textarea, input')) return;
    const text = event.clipboardData.getData('text');
    const files = [...event.clipboardData.files];
    if (files.length > 0) attempt(() => take(files).finally(refresh));
    else if (text.trim() !== '') attempt(() => takeText(text));
  });
  byId('paste-take').addEventListener('click', () => attempt(async () => {
    await takeText(byId('paste').value);
    byId('paste').value = '';
  }));
  byId('ask').addEventListener('click', () => attempt(askInstance, 'Asking the instance…'));
  byId('address').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    byId('ask').click();
  });

  byId('inputs').addEventListener('submit', (event) => {
    event.preventDefault();
    if (byId('verify').getAttribute('aria-disabled') !== 'true') attempt(verify, 'Judging…');
  });
  byId('inputs').addEventListener('change', (event) => {
    if (event.target.name === 'instant' || event.target.name === 'policy') {
      choose(event.target.name, event.target.value);
      if (event.target.name === 'policy') policy.choose(event.target.value);
    }
    changed();
  });
  byId('clear').addEventListener('click', () => {
    machines.clear();
    result.clear();
    replace(byId('problem'));
    if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
    refresh();
    byId('evidence').focus();
  });
  addEventListener('hashchange', () => attempt(fromLink));
}

async function takeText(text) {
  if (text.trim() === '') throw new Fault('empty', 'there is no text to take', 'paste hex, base64 or JSON into the field first');
  await take([new File([text], 'pasted text')]);
  refresh();
}

async function askInstance() {
  const captured = await evidenceOf(byId('address').value);
  await machines.addMachine(captured.name, [{ name: 'its answer', bytes: captured.bytes }], {
    exchange: captured.challenge, notes: captured.notes, closed: false,
  });
  refresh();
  byId('address').value = '';
  await verify();
}

async function fromLink() {
  const linked = await readLink(location.hash);
  if (linked === null) return;
  machines.clear();
  for (const { name, parts } of linked) {
    await machines.addMachine(name, parts, { notes: ['came with the link; the policy and the instant are yours'] });
  }
  refresh();
  await verify();
}

listen();
choose('policy', chosen('policy'));
choose('instant', chosen('instant'));
policy.choose(chosen('policy'));
draw();

attempt(async () => {
  byId('ready').textContent = 'Loading the verifier…';
  try {
    await engine.load();
  } catch (thrown) {
    byId('ready').textContent = 'The verifier could not be loaded.';
    throw thrown;
  }
  const fromHash = attempt(fromLink);
  const engines = (await engine.second()) ? 2 : 1;
  byId('ready').textContent = engines === 2
    ? 'All is loaded, two engines included: from here on the page works without a network.'
    : `Loaded ${plural(engines, 'engine')} of two: the second could not be loaded, and reports say so.`;
  document.documentElement.dataset.ready = String(engines);
  await fromHash;
});
