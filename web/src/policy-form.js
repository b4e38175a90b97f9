// The few pins that most people need, as a form. Its result is the text of a policy, shown as it is:
// what is judged by is that text and nothing else.

import { h, freshId, replace } from './dom.js';

// What may be accepted beside UpToDate, and what that means. Each is accepted in the merged status, in
// the platform's own and in the current one, where it can occur.
const STATUSES = [
  ['SWHardeningNeeded', 'patched; the software inside has to be hardened'],
  ['ConfigurationNeeded', 'patched; the configuration needs a change'],
  ['ConfigurationAndSWHardeningNeeded', 'patched; both of these'],
  ['OutOfDate', 'not patched, for the days of grace below'],
];

export function policyForm(changed) {
  const sets = h('div', { class: 'os-sets' });
  const fields = {
    composeHashes: hexField('Compose hashes', 'SHA-256 of the exact app-compose.json, 64 hex digits, one a line', 2),
    appIds: hexField('App ids', '40 hex digits, one a line. An app id alone says nothing about code', 1),
    reportData: hexField('Report data', 'all 64 bytes, 128 hex digits, one a line', 1),
  };
  const statuses = STATUSES.map(([status, says]) => {
    const box = h('input', { type: 'checkbox', value: status });
    return { status, box, row: h('label', { class: 'line' }, box, h('span', {}, h('code', {}, status), ` — ${says}`)) };
  });
  const days = h('input', { id: freshId('grace'), type: 'number', min: 0, max: 36500, step: 1, value: 30 });
  const grace = h('p', { class: 'inline', hidden: true }, h('label', { for: days.id }, 'Days of grace, from the day the patch came out'), days);

  const addSet = (focus) => {
    const set = osSet(() => {
      set.element.remove();
      changed();
      add.focus();
    });
    set.element.osSet = set;
    sets.append(set.element);
    if (focus) set.element.querySelector('input').focus();
  };
  const add = h('button', { type: 'button', on: { click: () => { addSet(true); changed(); } } }, 'Add an operating system');

  const element = h('div', {},
    h('fieldset', { class: 'group' }, h('legend', {}, 'App'), Object.values(fields).map(({ row }) => row)),
    h('fieldset', { class: 'group' }, h('legend', {}, 'Operating systems'),
      h('p', { class: 'hint' }, 'Without one, nothing that the guest says of itself can be trusted, and no verdict is better than genuine. Take the values from an image that you built or checked, never from the evidence.'),
      sets, add),
    h('fieldset', { class: 'group' }, h('legend', {}, 'TCB statuses accepted beside UpToDate'),
      statuses.map(({ row }) => row), grace));
  element.addEventListener('input', () => {
    grace.hidden = !statuses.find(({ status }) => status === 'OutOfDate').box.checked;
    changed();
  });
  addSet(false);

  return {
    element,
    text: () => JSON.stringify(policy(), null, 2),
    reset: () => {
      for (const { area } of Object.values(fields)) area.value = '';
      for (const { box } of statuses) box.checked = false;
      grace.hidden = true;
      replace(sets);
      addSet(false);
    },
  };

  function policy() {
    const made = { schema: 'teeproof.policy/1' };
    const accepted = statuses.filter(({ box }) => box.checked).map(({ status }) => status);
    if (accepted.length > 0) {
      const all = ['UpToDate', ...accepted];
      made.tcb = { merged: all, platform: all, current: all };
      if (accepted.includes('OutOfDate')) {
        made.tcb.module = made.tcb.qe = ['UpToDate', 'OutOfDate'];
        made.tcb['out-of-date-grace-days'] = days.value === '' ? days.value : Number(days.value);
      }
    }
    const os = [...sets.children].map((one) => one.osSet.value()).filter((one) => one !== null);
    if (os.length > 0) made.os = os;
    const app = {};
    if (fields.composeHashes.values().length > 0) app['compose-hashes'] = fields.composeHashes.values();
    if (fields.appIds.values().length > 0) app['app-ids'] = fields.appIds.values();
    if (fields.reportData.values().length > 0) app['report-data'] = fields.reportData.values();
    if (Object.keys(app).length > 0) made.app = app;
    return made;
  }
}

function hexField(label, hint, rows) {
  const id = freshId('pin');
  const area = h('textarea', { id, rows, class: 'hex', spellcheck: 'false', autocomplete: 'off', 'aria-describedby': `${id}-hint` });
  return {
    area,
    values: () => area.value.split(/[\s,]+/).filter((one) => one !== ''),
    row: h('div', { class: 'field' }, h('label', { for: id }, label), area, h('p', { class: 'hint', id: `${id}-hint` }, hint)),
  };
}

// One set. Nothing is filled in for anybody: a set that was begun and not finished is refused by the
// policy's own rules, with the key that is missing.
function osSet(removed) {
  const input = (label, key) => {
    const id = freshId(key);
    const field = h('input', { id, class: key === 'name' ? null : 'hex', spellcheck: 'false', autocomplete: 'off' });
    return { key, field, row: h('div', { class: 'field' }, h('label', { for: id }, label), field) };
  };
  const inputs = [input('Name', 'name'), input('MRTD', 'mrtd'), input('RTMR1', 'rtmr1'), input('RTMR2', 'rtmr2')];
  return {
    element: h('div', { class: 'os-set', role: 'group', 'aria-label': 'An operating system' },
      inputs.map(({ row }) => row),
      h('button', { type: 'button', class: 'quiet', on: { click: removed } }, 'Remove this one')),
    value: () => {
      const filled = inputs.map(({ key, field }) => [key, field.value.trim()]).filter(([, value]) => value !== '');
      return filled.length === 0 ? null : Object.fromEntries(filled);
    },
  };
}
