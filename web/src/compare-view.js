// Several machines side by side: only what was proven of each is compared.

import { h } from './dom.js';
import { brief, chapter, facts, hex, marked, prose, table, value } from './parts.js';
import { banner, historical, policy, report, sentence } from './report-view.js';
import { ANCHORS, RELATIONS, RESULTS, STANDINGS, capital, plural, word } from './words.js';

export function comparison(of, checks) {
  const known = Object.hasOwn(RESULTS, of.result) ? RESULTS[of.result] : { word: of.result, mark: 'error' };
  const good = known.mark === 'trusted' || known.mark === 'genuine';
  const kind = of.simulated && good ? 'simulated' : known.mark;
  const title = of.simulated && good ? 'Simulated' : known.word;
  const names = of.instances.map((one, at) => one.input.name || `machine ${at + 1}`);
  const instants = [...new Set(of.instances.map((one) => one.at).filter((at) => at))];
  const when = historical({ historical: of.historical, atSource: of.atSource, at: instants.length === 1 ? instants[0] : null });
  const facing = h('div', { class: 'facing' }, rows(of, names));
  const full = h('input', { type: 'checkbox', on: { change: () => facing.classList.toggle('full', full.checked) } });
  return h('article', { class: `report comparison is-${kind}${of.simulated ? ' is-test' : ''}` },
    banner({ kind, title, said: sentence(of.headline), when, extra: [facts([
      ['Machines', of.differentMachinesClaimed ? 'each instance is said to have one of its own' : null],
      ['Comparison digest', of.comparisonDigest ? hex(of.comparisonDigest) : 'none'],
    ], 'facts essentials')] }),
    shortcomings(of, names),
    h('section', {}, h('h3', {}, 'Side by side'),
      h('label', { class: 'line' }, full, 'Show every value in full'), facing),
    groups(of, names),
    h('section', {}, h('h3', {}, 'Each by itself'),
      of.instances.map((one, at) => h('details', { class: 'chapter instance' },
        h('summary', {}, h('h4', {}, names[at]), verdict(one)),
        h('div', { class: 'chapter-body' }, report(one, checks, 5)))),
      chapter('Policy in force', of.policy.name, false, policy(of.policy))));
}

const verdict = (one) => marked(one.verdict ?? 'error', one.verdict ?? 'not readable');

function shortcomings(of, names) {
  if (of.shortcomings.length === 0) return null;
  return h('section', { class: 'troubles' }, h('h3', {}, 'What stands in the way'),
    h('ul', { class: 'shortcomings' }, of.shortcomings.map((one) => h('li', {},
      h('p', { class: 'because' }, prose(`${capital(one.because)}.`), one.sides.length > 0 ? ` (${one.sides.map((side) => names[side]).join(', ')})` : ''),
      h('p', { class: 'next' }, h('strong', {}, 'What to do: '), prose(`${one.next}.`))))));
}

function rows(of, names) {
  const rank = (relation) => (Object.hasOwn(RELATIONS, relation) ? Object.keys(RELATIONS).indexOf(relation) : Infinity);
  const relations = [...new Set(of.rows.map((row) => row.relation))].sort((one, two) => rank(one) - rank(two));
  return relations.map((relation) => table(word(RELATIONS, relation), ['Fact', 'Standing', ...names],
    of.rows.filter((row) => row.relation === relation).map((row) => {
      const standing = Object.hasOwn(STANDINGS, row.standing) ? STANDINGS[row.standing] : { word: row.standing, mark: 'error' };
      return [
        h('span', { class: 'fact' }, row.title, h('span', { class: 'hint' }, row.about)),
        [
          marked(standing.mark, standing.word),
          row.begins ? h('span', { class: 'hint' }, `The difference begins in ${row.begins.register}${begins(row.begins)}.`) : null,
        ],
        ...row.cells.map((cell, at) => (cell === null ? h('span', { class: 'none' }, 'absent') : [
          h('div', { class: row.sides.includes(at) ? 'differs' : null }, value(cell.value, brief)),
          cell.anchor ? h('span', { class: 'hint' }, word(ANCHORS, cell.anchor)) : null,
        ])),
      ];
    }), { class: 'compare' }));
}

function begins({ event, eventName }) {
  if (event === null) return '';
  return eventName === null ? `, event ${event}` : `, event ${event} (${eventName})`;
}

function groups(of, names) {
  const list = (members) => members.map((one) => names[one]).join(', ');
  const lines = [
    ...of.groups.map((group) => `${list(group.members)}: ${plural(group.quotes, 'quote')}, ${plural(group.attestationKeys, 'attestation key')}, ${plural(group.machines, 'machine')}; ${group.approved ? 'approved by the policy' : 'not approved by the policy'}.`),
    ...of.duplicates.map((one) => `${list(one.members)} share one ${one.shared}.`),
  ];
  if (lines.length === 0) return null;
  return h('section', {}, h('h3', {}, 'Groups'), h('ul', { class: 'values' }, lines.map((line) => h('li', {}, line))));
}
