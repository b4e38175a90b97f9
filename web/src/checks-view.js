// The checks of a report, each with what a pass proves, what was found and what to do.

import { h } from './dom.js';
import { mark } from './marks.js';
import { facts, prose, value } from './parts.js';
import { ANCHORS, OUTCOMES, capital, chapter, plural, word } from './words.js';

const known = (outcome) => (Object.hasOwn(OUTCOMES, outcome) ? outcome : 'error');

// `table` is the check table of the package: the same data that `teeproof explain` prints.
function check(one, table, open = false) {
  const row = table.get(one.id);
  const titles = (id) => table.get(id)?.title ?? id;
  const outcome = known(one.outcome);
  return h('details', { class: `check is-${outcome}`, open, 'data-check': one.id },
    h('summary', {},
      mark(outcome),
      h('span', { class: 'check-title' }, one.title),
      h('span', { class: 'check-outcome' }, word(OUTCOMES, one.outcome))),
    h('div', { class: 'check-body' },
      one.because ? h('p', { class: 'because' }, prose(`${capital(one.because)}.`)) : null,
      one.dependsOn ? h('p', {}, 'It waits for: ', titles(one.dependsOn), '.') : null,
      one.next ? h('p', { class: 'next' }, h('strong', {}, 'What to do: '), prose(`${one.next}.`)) : null,
      facts([
        ['Found', one.found === null ? null : value(one.found)],
        ['Expected', one.expected === null ? null : value(one.expected)],
        ['A pass proves', row ? row.proves : null],
        ['Rests on', one.anchor === null ? null : capital(word(ANCHORS, one.anchor))],
        ['Rule from', row ? row.source : null],
        ['Check', h('span', {}, h('code', {}, one.id), ` (no. ${one.number})`)],
        ['Reason', one.reason === null ? null : h('code', {}, one.reason)],
      ])));
}

// What failed or could not be checked: causes first, open; what only waits for them behind.
export function troubles(checks, table) {
  const trouble = checks.filter((one) => one.outcome !== 'passed' && one.outcome !== 'not-requested');
  if (trouble.length === 0) return null;
  const causes = trouble.filter((one) => one.dependsOn === null);
  const waiting = trouble.filter((one) => one.dependsOn !== null);
  const rank = (one) => (one.outcome === 'failed' ? 0 : 1);
  causes.sort((one, two) => rank(one) - rank(two));
  return h('section', { class: 'troubles' },
    h('h3', {}, 'What stands in the way'),
    causes.map((one) => check(one, table, true)),
    waiting.length === 0 ? null : h('details', { class: 'waiting' },
      h('summary', {}, `${plural(waiting.length, 'more check')} ${waiting.length === 1 ? 'waits' : 'wait'} for these`),
      waiting.map((one) => check(one, table))));
}

export function counted(checks) {
  const of = (outcome) => checks.filter((one) => one.outcome === outcome).length;
  return ['passed', 'failed', 'skipped', 'not-requested']
    .map((outcome) => [of(outcome), OUTCOMES[outcome]])
    .filter(([count]) => count > 0)
    .map(([count, said]) => `${count} ${said}`)
    .join(' · ');
}

// All checks, in the order of the table, by chapter.
export function allChecks(checks, table) {
  const chapters = [];
  for (const one of checks) {
    const title = chapter(one.number);
    if (chapters.at(-1)?.title !== title) chapters.push({ title, checks: [] });
    chapters.at(-1).checks.push(one);
  }
  return chapters.map((one) => h('div', { class: 'check-group' }, h('h4', {}, one.title), one.checks.map((each) => check(each, table))));
}
