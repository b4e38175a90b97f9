// The policy in force: the strict default, a file, or the form.

import { byId, h, replace } from './dom.js';
import { asFault, Fault } from './fault.js';
import { LIMITS, size } from './files.js';
import { prose } from './parts.js';
import { policyForm } from './policy-form.js';
import { policy as sentences } from './report-view.js';
import { capital } from './words.js';

// How long nobody has typed before the policy is explained again.
const PAUSE = 250;

export class Policy {
  #engine;
  #changed;
  #form;
  #kind = 'default';
  #timer = 0;
  #shown = 0;

  constructor(engine, changed) {
    this.#engine = engine;
    this.#changed = changed;
    this.#form = policyForm(() => this.#edited());
    byId('policy-form').append(this.#form.element);
    byId('policy-text').addEventListener('input', () => this.#edited());
  }

  // The text in force; null for the default.
  text() {
    if (this.#kind === 'default') return null;
    if (this.#kind === 'form') return this.#form.text();
    const text = byId('policy-text').value;
    if (text.trim() === '') throw new Fault('policy', 'there is no policy', 'choose or paste one, or judge by the strict default');
    if (new Blob([text]).size > LIMITS.policy) throw new Fault('too-large', `the policy has more than ${size(LIMITS.policy)}`, 'give a policy, and not something else');
    return text;
  }

  choose(kind) {
    this.#kind = kind;
    this.#explain();
  }

  file(name, bytes) {
    let text;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new Fault('policy', `the file ${name} is not text`, 'give a policy in TOML or JSON');
    }
    byId('policy-text').value = text;
    this.#edited();
  }

  #edited() {
    this.#changed();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#explain(), PAUSE);
  }

  // Shows the text and what it means, or why it is refused.
  async #explain() {
    this.#shown += 1;
    const mine = this.#shown;
    const target = byId('policy-shown');
    let content;
    try {
      const text = this.text();
      const explained = await this.#engine.explainPolicy(text);
      content = [
        this.#kind === 'form' ? h('details', { class: 'way' }, h('summary', {}, 'The policy as a file'), h('pre', { id: 'policy-as-file', tabindex: '0' }, text)) : null,
        h('details', { class: 'way' }, h('summary', {}, 'The policy in sentences'), sentences(explained)),
      ];
    } catch (thrown) {
      const empty = this.#kind === 'file' && byId('policy-text').value.trim() === '';
      content = empty ? null : h('p', { class: 'notice error', 'data-code': asFault(thrown).code }, h('span', {}, prose(capital(`${asFault(thrown).message}.`))));
    }
    if (mine === this.#shown) replace(target, content);
  }
}
