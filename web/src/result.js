// The place where a verdict is shown, and what can be done with it: copy, save, print, pass on, and
// fetch what it lacked.

import { collateralFor } from './collateral.js';
import { comparison } from './compare-view.js';
import { h, replace } from './dom.js';
import { mark } from './marks.js';
import { write as writeLink } from './permalink.js';
import { report } from './report-view.js';

export class Result {
  #place;
  #tools;
  #answer = null;

  constructor(place, tools) {
    this.#place = place;
    this.#tools = tools;
    // A closed chapter would not be printed.
    const opened = new Set();
    addEventListener('beforeprint', () => {
      for (const one of place.querySelectorAll('details:not([open])')) {
        one.open = true;
        opened.add(one);
      }
    });
    addEventListener('afterprint', () => {
      for (const one of opened) one.open = false;
      opened.clear();
    });
  }

  get empty() {
    return this.#answer === null;
  }

  show({ answers, comparison: compared }, checks) {
    this.#answer = compared ?? (answers.length === 1 ? answers[0] : answers);
    const views = compared ? [comparison(compared, checks)] : answers.map((one) => report(one, checks));
    const all = compared ? compared.instances : answers;
    replace(this.#place,
      h('p', { class: 'notice stale', role: 'status' }),
      views,
      this.#actions());
    const missing = lacking(all, this.#tools);
    if (missing) this.#place.querySelector('.meaning, .verdict').after(missing);
    this.#place.hidden = false;
    this.#place.classList.remove('outdated');
    this.#place.dataset.verdict = compared ? compared.result : answers.map((one) => one.verdict ?? 'unreadable').join(' ');
    this.#place.focus({ preventScroll: true });
    this.#place.scrollIntoView({ block: 'start' });
  }

  clear() {
    this.#answer = null;
    this.#place.hidden = true;
    delete this.#place.dataset.verdict;
    replace(this.#place);
  }

  // The form was changed: what is shown is still true, and about something else.
  outdate() {
    if (this.#answer === null || this.#place.classList.contains('outdated')) return;
    this.#place.classList.add('outdated');
    replace(this.#place.querySelector('.stale'), 'This is the verdict on what was entered before. Verify again for what stands below.');
  }

  #actions() {
    const text = () => `${JSON.stringify(this.#answer, null, 2)}\n`;
    const said = h('span', { class: 'hint', role: 'status' });
    const raw = h('textarea', { class: 'raw', rows: 12, readonly: true, spellcheck: 'false', 'aria-label': 'The raw report as JSON' });
    const details = h('details', { class: 'chapter' }, h('summary', {}, h('h3', {}, 'Raw report')), raw);
    details.addEventListener('toggle', () => { if (details.open) raw.value = text(); });
    const copy = async (content, name) => {
      try {
        await navigator.clipboard.writeText(content);
        replace(said, `${name} copied.`);
      } catch {
        replace(said, 'This browser does not let the page copy. Select the text and copy it yourself.');
        details.open = true;
        raw.value = content;
        raw.focus();
        raw.select();
      }
    };
    const button = (name, act) => h('button', { type: 'button', on: { click: act } }, name);
    return h('div', { class: 'actions' },
      h('div', { class: 'action-line' },
        button('Copy report', () => copy(text(), 'Report')),
        button('Save report', () => save(text())),
        button('Print', () => print()),
        button('Copy link with the evidence', async () => {
          try {
            const url = new URL(location.href);
            url.hash = await writeLink(this.#tools.machines.list);
            await copy(url.href, 'Link');
          } catch (thrown) {
            this.#tools.fail(thrown);
          }
        }), said),
      h('p', { class: 'hint' }, 'The link holds the evidence itself, behind the #, which no browser sends to a server. Policy and instant are not in it: whoever opens it brings their own.'),
      details);
  }
}

function save(text) {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = h('a', { href: address, download: 'teeproof-report.json' });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// What is missing, and a way to get it. Nothing is fetched before the person asks.
function lacking(answers, { machines, engine, supply, fail }) {
  const list = machines.list;
  const of = answers.filter((answer) => (answer.needs?.length ?? 0) > 0)
    .map((answer) => ({ answer, machine: list.find((machine) => machine.name === answer.input.name) }))
    .filter(({ machine }) => machine !== undefined);
  if (of.length === 0) return null;
  const field = h('input', { id: 'pccs', type: 'url', value: engine.pccs, spellcheck: 'false', autocomplete: 'off' });
  const said = h('p', { class: 'hint', role: 'status' });
  const fetchButton = h('button', { type: 'button', id: 'fetch-collateral', on: { click: async () => {
    fetchButton.setAttribute('aria-disabled', 'true');
    replace(said, 'Fetching…');
    const fetched = [];
    try {
      for (const { answer, machine } of of) {
        const parts = await collateralFor(answer, field.value, engine);
        fetched.push([machine, parts]);
      }
      await supply(fetched);
    } catch (thrown) {
      replace(said);
      fail(thrown);
    } finally {
      fetchButton.removeAttribute('aria-disabled');
    }
  } } }, 'Fetch it');
  return h('section', { class: 'lacking' },
    h('h3', {}, mark('skipped'), ' Collateral is missing'),
    h('p', {}, 'Intel’s endorsements for this platform did not come with the evidence: ',
      [...new Set(of.flatMap(({ answer }) => answer.needs.map((need) => need.kind)))].join(', '),
      '. Drop a collateral file below, or let the browser fetch it. What it says is signed by Intel, so it does not matter who hands it over.'),
    h('div', { class: 'inline' }, h('label', { for: 'pccs' }, 'From this PCCS'), field, fetchButton),
    h('p', { class: 'hint' }, 'The service learns the model of the platform. Issuer chains come in headers of the answer, which a browser shows to a page only if the service exposes them; many do not.'),
    said);
}
