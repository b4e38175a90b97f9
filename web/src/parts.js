// Small pieces that all views are made of.

import { append, freshId, h } from './dom.js';
import { mark } from './marks.js';

// Hex, with places where a line may break. What is copied has none of them.
export function hex(text) {
  const element = h('code', { class: 'hex' });
  for (let at = 0; at < text.length; at += 8) {
    if (at > 0) element.append(document.createElement('wbr'));
    append(element, [text.slice(at, at + 8)]);
  }
  return element;
}

// Hex by its two ends, with all of it in reach of one switch: side by side, long values hide what
// matters. Which of them differ is said by the row, and never left to the eye.
export function brief(text) {
  if (text.length <= 32) return hex(text);
  return [h('code', { class: 'hex short' }, `${text.slice(0, 12)}…${text.slice(-8)}`), h('span', { class: 'whole' }, hex(text))];
}

// A sentence of the answer: what stands between backticks is code.
export function prose(text) {
  return text.split('`').map((piece, at) => (at % 2 === 0 ? piece : h('code', {}, piece)));
}

const IS_HEX = /^[0-9a-f]{12,}$/i;

// A value of a check: text, a number, a flag, a list or named values.
export function value(of, digits = hex) {
  if (of === null || of === undefined) return h('span', { class: 'none' }, 'none');
  if (typeof of === 'boolean') return of ? 'yes' : 'no';
  if (Array.isArray(of)) {
    return of.length === 0 ? h('span', { class: 'none' }, 'none') : h('ul', { class: 'values' }, of.map((one) => h('li', {}, value(one, digits))));
  }
  if (typeof of === 'object') {
    return facts(Object.entries(of).map(([name, one]) => [name, value(one, digits)]), 'facts inner');
  }
  const text = String(of);
  return IS_HEX.test(text) ? digits(text) : text;
}

// Names and what stands to them. Rows whose value is null are left out.
export function facts(rows, kind = 'facts') {
  return h('dl', { class: kind }, rows
    .filter(([, content]) => content !== null && content !== undefined)
    .map(([name, content]) => h('div', {}, h('dt', {}, name), h('dd', {}, content))));
}

// A table in a box of its own that scrolls sideways where it must, by keyboard too.
export function table(caption, heads, rows, props = {}) {
  const id = freshId('table');
  return h('div', { class: 'scroll', role: 'group', tabindex: '0', 'aria-labelledby': id },
    // The roles are said outright: on phones the cells are laid out as blocks, and browsers then forget
    // that it is a table.
    h('table', { role: 'table', ...props },
      h('caption', { id }, caption),
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, heads.map((head) => h('th', { scope: 'col', role: 'columnheader' }, head)))),
      h('tbody', { role: 'rowgroup' }, rows.map(([first, ...rest]) => h('tr', { role: 'row' },
        h('th', { scope: 'row', role: 'rowheader' }, first),
        rest.map((cell, at) => h('td', { role: 'cell', 'data-head': heads[at + 1] }, cell)))))));
}

// A chapter that opens and closes.
export function chapter(title, note, open, ...content) {
  return h('details', { class: 'chapter', open }, h('summary', {}, h('h3', {}, title), note ? h('span', { class: 'note' }, note) : null), h('div', { class: 'chapter-body' }, content));
}

// A word with its shape.
export function marked(kind, word) {
  return h('span', { class: `marked is-${kind}` }, mark(kind), ' ', word);
}

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

// `2025-06-19T10:16:03Z` for people, to the second. Another form is shown as it is.
export function instant(text) {
  const found = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2}:\d{2})Z$/.exec(text ?? '');
  const month = found && MONTHS[Number(found[2]) - 1];
  if (!month) return String(text);
  return h('time', { datetime: text }, `${Number(found[3])} ${month} ${found[1]}, ${found[4]} UTC`);
}
