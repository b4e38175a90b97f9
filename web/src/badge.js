// <teeproof-badge bundle="…">: a small box that verifies a bundle in the visitor's own browser.
//
//   bundle     address of the bundle; required
//   policy     address of the policy; the strict default without it
//   at         `captured` for the bundle's own word; the present without it
//   elsewhere  address of a copy of the page that somebody else runs
//
// It asks for nothing before it is clicked. And it says what it cannot be: on the page of whoever is
// to be checked, whoever wrote the page could have written any badge.

import { h, replace } from './dom.js';
import { Engine } from './engine.js';
import { asFault, Fault } from './fault.js';
import { LIMITS } from './files.js';
import { mark } from './marks.js';
import { ask } from './network.js';
import { facts, hex, instant, prose } from './parts.js';
import { write } from './permalink.js';
import { sentence } from './report-view.js';
import { OUTCOMES, VERDICTS, capital, word } from './words.js';

const STYLE = `
:host { display: block; max-width: 34rem; color-scheme: light dark; font: 0.9375rem/1.5 system-ui, sans-serif;
  --ink: light-dark(#1a1d21, #e9e7e3); --soft: light-dark(#565d66, #a9afb7); --card: light-dark(#fff, #1b1e22);
  --tone: light-dark(#565d66, #a9afb7); color: var(--ink); }
:host([hidden]) { display: none; }
.badge { padding: 0.75rem 1rem; border: 1px solid var(--tone); border-radius: 0.5rem; background: var(--card); }
.is-trusted { --tone: light-dark(#0a6640, #6fd3a1); border-width: 2px; }
.is-genuine { --tone: light-dark(#1b568f, #8fc0f2); }
.is-simulated { --tone: light-dark(#7a2d86, #dd9be8); border: 3px dashed var(--tone); border-radius: 0;
  background: repeating-linear-gradient(-45deg, light-dark(#f8eefa, #271a2b) 0 0.75rem, light-dark(#f0dff3, #35223a) 0.75rem 1.5rem); }
.is-rejected { --tone: light-dark(#a3181c, #ff9a93); border-width: 2px 2px 2px 0.5rem; }
.is-inconclusive, .is-error { --tone: light-dark(#7d5200, #eabf6a); border-style: dotted; border-width: 2px; }
.line { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; }
.verdict { color: var(--tone); font-size: 1.125rem; font-weight: 680; }
.mark { width: 1.5rem; height: 1.5rem; flex: none; fill: none; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.mark .body { fill: var(--tone); } .mark .sign { stroke: var(--card); stroke-width: 2.4; }
.mark .outline, .mark .line, .mark .dashed { stroke: var(--tone); } .mark .dashed { stroke-dasharray: 4 3; }
p, dl, dd, ul { margin: 0; padding: 0; } p, details { margin-top: 0.5rem; } ul { list-style: none; }
.warning, dt { color: var(--soft); font-size: 0.875rem; }
.is-simulated .warning, .is-simulated dt { color: var(--ink); }
code { font: 0.8125rem ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
button { min-height: 2.5rem; padding: 0.375rem 0.875rem; border: 1px solid var(--tone); border-radius: 0.4375rem; background: var(--card); color: var(--ink); font: inherit; cursor: pointer; }
summary { cursor: pointer; } a { color: light-dark(#1f4f82, #8db9ec); } .is-simulated a { color: var(--ink); }
:focus-visible { outline: 3px solid light-dark(#1f4f82, #8db9ec); outline-offset: 2px; }
dd { overflow-wrap: anywhere; margin-bottom: 0.25rem; }
`;

class TeeproofBadge extends HTMLElement {
  #root = this.attachShadow({ mode: 'open' });
  #engine = new Engine();

  connectedCallback() {
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [style];
    this.#show('none', h('div', { class: 'line' }, 'Evidence of this service, not verified yet', this.#button('Verify it in this browser')), this.#warning(null));
  }

  #button(name) {
    return h('button', { type: 'button', on: { click: () => this.verify() } }, name);
  }

  #show(kind, ...content) {
    replace(this.#root, h('div', { class: `badge is-${kind}`, role: 'group', 'aria-label': 'Verification badge' }, content));
    this.dataset.verdict = kind;
  }

  // Verifies the bundle. Resolves with the answer, or with nothing where there is none.
  async verify() {
    this.#show('none', h('p', { role: 'status' }, 'Verifying…'));
    try {
      const bundle = await this.#get('bundle', LIMITS.evidence);
      const policy = this.hasAttribute('policy') ? new TextDecoder().decode(await this.#get('policy', LIMITS.policy)) : null;
      const captured = this.getAttribute('at') === 'captured';
      const machines = [{ name: this.getAttribute('bundle'), parts: [{ name: 'bundle', bytes: bundle }], exchange: null }];
      await this.#engine.second();
      const answers = await this.#engine.verify(machines, {
        policy, root: null, challenge: null, differentMachines: false,
        instant: captured ? { source: 'captured' } : { source: 'clock', at: Math.floor(Date.now() / 1000) },
      });
      const [answer] = answers;
      if (answers.length !== 1) throw new Fault('badge', `the file is about ${answers.length} instances`, 'give the bundle of one');
      this.#answered(answer, await this.#link(machines));
      return answer;
    } catch (thrown) {
      const fault = asFault(thrown);
      this.#show('error', h('div', { class: 'line' }, mark('error'), h('span', { class: 'verdict' }, 'Not verified')),
        h('p', { role: 'status' }, prose(`${capital(fault.message)}.`)), this.#button('Try again'), this.#warning(null));
      return null;
    }
  }

  // A web address in an attribute; null where there is none.
  #address(name) {
    const text = this.getAttribute(name);
    if (!text || !URL.canParse(text, document.baseURI)) return null;
    const url = new URL(text, document.baseURI);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
  }

  async #get(name, limit) {
    const url = this.#address(name);
    if (!url) throw new Fault('badge', `the badge's attribute \`${name}\` is no web address`, 'give it the address of a file');
    const { status, bytes } = await ask(url, limit);
    if (status < 200 || status > 299) throw new Fault('refused', `the address ${url.host} answered with status ${status}`, 'see whether the file is there');
    return bytes;
  }

  // A link to a copy of the page elsewhere, with the evidence in its fragment; null if nobody named one.
  async #link(machines) {
    const url = this.#address('elsewhere');
    if (!url) return null;
    try {
      url.hash = await write(machines);
    } catch {
      // Too long for a link: the page there can still be given the file.
    }
    return url.href;
  }

  #answered(answer, link) {
    if (answer.error) {
      throw new Fault(answer.error.code, answer.error.message);
    }
    const kind = Object.hasOwn(VERDICTS, answer.verdict) ? answer.verdict : 'error';
    const trouble = answer.checks.filter((one) => one.outcome !== 'passed' && one.outcome !== 'not-requested');
    this.#show(kind,
      h('div', { class: 'line', role: 'status' }, mark(kind), h('span', { class: 'verdict' }, capital(answer.verdict)),
        answer.historical ? h('span', {}, 'as of ', instant(answer.at)) : null),
      h('p', {}, prose(sentence(answer.headline))),
      h('p', {}, 'Digest ', answer.verdictDigest ? h('code', { title: answer.verdictDigest }, answer.verdictDigest.slice(0, 16), '…') : 'none'),
      h('details', {}, h('summary', {}, 'Details'), facts([
        ['As of', instant(answer.at)],
        ['Trust anchor', answer.trustAnchor.intel ? 'Intel’s root' : 'a test root, not Intel’s'],
        ['Engines', answer.engines === 'both' ? 'two' : 'one'],
        ['Policy', [answer.policy.name ? `${answer.policy.name}, ` : '', hex(answer.policy.digest)]],
        ['Verdict digest', answer.verdictDigest ? hex(answer.verdictDigest) : 'none'],
        ...trouble.map((one) => [`${one.title}: ${word(OUTCOMES, one.outcome)}`, `${capital(one.because ?? '')}. ${capital(one.next ?? '')}.`]),
      ])),
      this.#warning(link));
  }

  #warning(link) {
    const bundle = this.#address('bundle');
    return h('p', { class: 'warning' },
      'A badge on the operator’s own page proves nothing to you: whoever wrote the page could have written any badge. ',
      link ? h('a', { href: link, target: '_blank', rel: 'noopener noreferrer' }, 'Check it elsewhere') : null,
      link ? ', or take ' : 'Take ',
      bundle ? h('a', { href: bundle.href, download: true }, 'the bundle') : 'the bundle',
      ' to a copy of teeproof that you got from somebody else.');
  }
}

customElements.define('teeproof-badge', TeeproofBadge);
