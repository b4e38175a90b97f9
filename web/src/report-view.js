// The report on one machine: the verdict first, then what it rests on, then everything else.

import { allChecks, counted, troubles } from './checks-view.js';
import { h } from './dom.js';
import { mark } from './marks.js';
import { chapter, facts, hex, instant, marked, prose, table, value } from './parts.js';
import { ANCHORS, CHANNELS, VERDICTS, capital, plural, word } from './words.js';

const kindOf = (verdict) => (Object.hasOwn(VERDICTS, verdict) ? verdict : 'error');

// The sentence without what stands beside it in words of its own: the instant and the verdict.
export function sentence(headline) {
  return headline.replace(/^AS OF [^:]+(?::\d\d:\d\d[^:]*)?: /, '').replace(/^[A-Z][A-Z, ]+: /, '');
}

// The verdict in a word, as the headline has it: `GENUINE, NOT PINNED`.
function spoken(answer) {
  const found = /(?:^|: )(TRUSTED|GENUINE, NOT PINNED|SIMULATED|REJECTED|INCONCLUSIVE): /.exec(answer.headline);
  const text = found ? found[1].toLowerCase() : answer.verdict;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function banner({ kind, title, said, level = 2, when = null, extra = [] }) {
  return h('div', { class: `verdict is-${kind}` },
    kind === 'simulated' ? h('p', { class: 'ribbon' }, 'Test root. Proves nothing about hardware.') : null,
    when ? h('p', { class: 'when' }, when) : null,
    h('div', { class: 'verdict-line' }, mark(kind), h(`h${level}`, { id: level === 2 ? 'result-title' : null }, title)),
    h('p', { class: 'headline' }, prose(said)),
    extra);
}

// The whole report on an answer. `level` is that of its heading.
export function report(answer, checks, level = 2) {
  if (answer.error) return unreadable(answer, level);
  const kind = kindOf(answer.verdict);
  return h('article', { class: `report is-${kind}${answer.trustAnchor.intel ? '' : ' is-test'}` },
    banner({ kind, title: spoken(answer), said: sentence(answer.headline), level, when: historical(answer), extra: [essentials(answer)] }),
    meaning(answer.verdict),
    disagreements(answer),
    troubles(answer.checks, checks),
    restsOn(answer),
    chapter('Checks', counted(answer.checks), false, allChecks(answer.checks, checks)),
    chapter('Measurements', answer.measurements ? null : 'the quote cannot be read', false, measurements(answer)),
    chapter('Patch level (TCB)', answer.tcb.status ?? 'none', shortOf(answer.tcb), tcb(answer)),
    chapter('Validity', null, false, windows(answer)),
    chapter('Policy in force', answer.policy.name, false, policy(answer.policy)),
    claims(answer.selfAsserted),
    chapter('Parts of the evidence', null, false, evidence(answer)));
}

// A verdict on another instant than the present one says so before its word.
export function historical(of) {
  if (!of.historical) return null;
  if (!of.at) return 'As of another time, not now';
  return ['As of ', instant(of.at), of.atSource === 'captured' ? ', by the bundle’s own word' : '', ': not now'];
}

function unreadable(answer, level) {
  return h('article', { class: 'report is-error' },
    banner({ kind: 'error', title: 'Not readable', said: `${capital(answer.error.message)}.`, level }),
    h('p', { class: 'meaning' }, 'No verdict, neither good nor bad: this is no evidence that could be judged.'),
    facts([['Input', answer.input.name], ['Reason', h('code', {}, answer.error.code)]]));
}

const SOURCES = { clock: 'now, by this device’s clock', given: 'a date you chose', captured: 'the bundle’s own word' };

function essentials(answer) {
  const rows = [
    ['Input', [answer.input.name, answer.input.kind ? ` (${answer.input.kind})` : '']],
    ['As of', [instant(answer.at), ` — ${word(SOURCES, answer.atSource)}`]],
    ['Trust anchor', answer.trustAnchor.intel ? 'Intel’s root' : 'a test root, not Intel’s'],
    ['Engines', answer.engines === 'both' ? 'two, and they agree' : word({ single: 'one' }, answer.engines)],
  ];
  if (answer.engineDisagreements.length > 0) rows[3][1] = 'two, and they disagree';
  if (answer.channel !== 'saved') rows.push(['Channel', word(CHANNELS, answer.channel)]);
  if (answer.challenge.source === 'caller') rows.push(['Challenge', `fresh, made here (${answer.challenge.rule})`]);
  rows.push(['Verdict digest', answer.verdictDigest ? hex(answer.verdictDigest) : 'none: the engines disagree']);
  return facts(rows, 'facts essentials');
}

function meaning(verdict) {
  const words = VERDICTS[verdict];
  if (!words) return h('p', { class: 'meaning' }, 'This page does not know that verdict. Treat it as no pass.');
  return h('div', { class: 'meaning' },
    h('p', {}, h('strong', {}, 'It says: '), words.says),
    words.not ? h('p', {}, h('strong', {}, 'It does not say: '), words.not) : null);
}

function disagreements(answer) {
  if (answer.engineDisagreements.length === 0) return null;
  return h('section', { class: 'troubles' }, h('h3', {}, 'Where the engines disagree'),
    table('Claims of the two engines', ['Claim', 'Ours', 'dcap-qvl'], answer.engineDisagreements.map((one) => [one.claim, one.ours, one.theirs])));
}

function restsOn(answer) {
  return h('section', { class: 'anchors' },
    h('h3', {}, 'What it rests on'),
    h('ul', { class: 'anchor-list' }, answer.anchors.map((one) => h('li', { class: one.established ? 'stands' : 'falls' },
      mark(one.established ? 'passed' : 'not-requested'),
      h('div', {},
        h('p', {}, h('strong', {}, capital(word(ANCHORS, one.anchor))), one.established ? '' : ' — not established'),
        h('p', { class: 'hint' }, `Carries ${one.carries}.`,
          one.restsOn.length > 0 ? ` Rests on: ${one.restsOn.map((each) => word(ANCHORS, each)).join(', ')}.` : ''))))));
}

const REGISTERS = {
  mrtd: 'MRTD', rtmr0: 'RTMR0', rtmr1: 'RTMR1', rtmr2: 'RTMR2', rtmr3: 'RTMR3', mrSeam: 'MRSEAM',
  mrSignerSeam: 'MRSIGNERSEAM', mrConfigId: 'MRCONFIGID', mrOwner: 'MROWNER', mrOwnerConfig: 'MROWNERCONFIG',
  teeTcbSvn: 'TEE_TCB_SVN', teeTcbSvn2: 'TEE_TCB_SVN_2', tdAttributes: 'TDATTRIBUTES', xfam: 'XFAM',
  mrEnclave: 'MRENCLAVE', mrSigner: 'MRSIGNER', isvProdId: 'ISVPRODID', isvSvn: 'ISVSVN',
  attributes: 'ATTRIBUTES', reportData: 'REPORTDATA',
};

function measurements(answer) {
  if (!answer.measurements) return h('p', {}, 'There are none to show.');
  const proven = answer.checks.some((one) => one.id === 'quote.signature' && one.outcome === 'passed');
  const os = answer.os?.set ? `in the set ${answer.os.set}` : null;
  const nearest = answer.os?.nearest ? `in no set; nearest is ${answer.os.nearest.name}, which differs in ${answer.os.nearest.differs.join(', ')}` : null;
  return [
    proven ? null : h('p', { class: 'caution' }, 'The signature over these was not proven: they are what the quote says of itself.'),
    facts(Object.entries(answer.measurements).map(([key, one]) => [word(REGISTERS, key), value(one)])),
    answer.os ? facts([['Operating system', os ?? nearest ?? 'in no set of the policy']]) : null,
    events(answer.events),
  ];
}

function events(of) {
  if (!of) return null;
  const provider = of.keyProvider ? [of.keyProvider.kind, ' ', of.keyProvider.id ? value(of.keyProvider.id) : ''] : null;
  return [
    h('h4', {}, 'dstack'),
    of.anchor === 'self-asserted'
      ? h('p', { class: 'caution' }, 'The operating system is not identified, so the log is its own word.') : null,
    facts([
      ['Compose hash', value(of.composeHash)],
      ['App id', value(of.appId)],
      ['Instance id', of.instanceId === null ? null : value(of.instanceId)],
      ['Key provider', provider],
      ['OS image, by the KMS', of.osImageHash === null ? null : value(of.osImageHash)],
      ['Generation', of.generations.join(', ')],
      ['The app’s own events', of.applicationEvents.length > 0 ? value(of.applicationEvents) : null],
      ['Rests on', capital(word(ANCHORS, of.anchor))],
    ]),
  ];
}

const components = (of) => [['Platform', of.platform], ['TDX module', of.module], ['Quoting enclave', of.qe]].filter(([, one]) => one);

const short = (one) => (one?.shortfall?.length ?? 0) > 0;
const shortOf = (of) => components(of).some(([, one]) => short(one)) || short(of.current?.platform) || short(of.current?.module);

function tcb(answer) {
  const of = answer.tcb;
  const judged = [...components(of), ...components(of.current ?? {}).map(([name, one]) => [`${name}, as it runs now`, one])];
  const shortfalls = judged.flatMap(([name, one]) => one.shortfall.map((each) => [name, each.component, each.have, each.need]));
  return [
    facts([
      ['Merged status', of.status ?? `none (${of.statusReason})`],
      ['As it runs now', of.current?.status ?? null],
      ['Advisories', of.advisoryIds.length > 0 ? of.advisoryIds.join(', ') : of.status ? 'none' : null],
    ]),
    judged.length === 0 ? null : table('Components', ['Component', 'Status', 'Level of', 'Grace counts from', 'Advisories'],
      judged.map(([name, one]) => [name, one.status, day(one.tcbDate), day(one.graceFrom), one.advisoryIds.join(', ') || 'none'])),
    shortfalls.length === 0 ? null : table('What is short of the earliest newer up-to-date level', ['Component', 'Version number of', 'Has', 'Needs'], shortfalls),
    facts([
      ['Evaluation number, TCB info', of.tcbInfoEvaluationNumber],
      ['Evaluation number, QE identity', of.qeIdentityEvaluationNumber],
      ['CRL number, root', of.rootCrlNumber],
      ['CRL number, PCK CA', of.pckCrlNumber],
    ]),
    answer.platform ? [h('h4', {}, 'Platform'), platform(answer.platform)] : null,
  ];
}

const day = (text) => (/T00:00:00Z$/.test(text) ? text.slice(0, 10) : text);

function platform(of) {
  return facts([
    ['FMSPC', value(of.fmspc)], ['PPID', value(of.ppid)], ['Device id', value(of.deviceId)],
    ['PCE id', h('code', {}, of.pceId)], ['Certified by the CA', of.ca],
    ['Packages may be added', of.dynamicPlatform === null ? null : value(of.dynamicPlatform)],
    ['Intel keeps the root keys', of.cachedKeys === null ? null : value(of.cachedKeys)],
    ['Multithreading', of.smtEnabled === null ? null : value(of.smtEnabled)],
    ['CPUSVN', value(of.tcb.cpuSvn)], ['PCESVN', of.tcb.pceSvn],
  ]);
}

function windows(answer) {
  if (answer.windows.length === 0) return h('p', {}, 'No endorsement was used, so nothing has a window.');
  const at = Date.parse(answer.at);
  const standing = (one) => {
    if (at < Date.parse(one.notBefore)) return marked('failed', 'not yet valid');
    if (at > Date.parse(one.notAfter)) return marked('failed', 'lapsed');
    const days = Math.floor((Date.parse(one.notAfter) - at) / 86_400_000);
    return marked('passed', `${plural(days, 'day')} left`);
  };
  const rows = answer.window ? [...answer.windows, { ...answer.window, part: 'all of them' }] : answer.windows;
  return [
    answer.window ? null : h('p', { class: 'caution' }, 'They have no instant in common, or the chain of the platform could not be counted in.'),
    table('From when until when each endorsement is valid, at the instant of this verdict', ['Endorsement', 'From', 'Until', 'Then'],
      rows.map((one) => [one.part.replaceAll('_', ' '), instant(one.notBefore), instant(one.notAfter), standing(one)])),
  ];
}

export function policy(of) {
  return [
    h('ul', { class: 'statements' }, of.statements.map((one) => h('li', { class: `tone-${one.tone}` },
      one.tone === 'plain' ? null : h('span', { class: 'tone' }, one.tone), ' ', one.sentence))),
    facts([['Policy digest', hex(of.digest)]]),
  ];
}

function claims(of) {
  const rows = [
    ['Label', of.label],
    ['Captured', of.capturedAt === null ? null : instant(of.capturedAt)],
    ['Challenge', of.challenge === null ? null : value(of.challenge)],
    ...Object.entries(of.reported).map(([name, one]) => [name, value(one)]),
  ].filter(([, one]) => one !== null);
  if (rows.length === 0) return null;
  return chapter('What the input says of itself', 'never evidence', false, facts(rows));
}

function evidence(answer) {
  const of = answer.evidence;
  const part = (digest) => (digest === null ? 'not supplied' : hex(digest));
  return [
    h('p', { class: 'hint' }, 'SHA-256 of each part, by which two reports can be told to be about the same evidence.'),
    facts([
      ['Quote', part(of.quote)], ['Event log, in one fixed form', part(of.eventLog)], ['App-compose', part(of.appCompose)],
      ['vm_config', part(of.vmConfig)], ['Document behind MRCONFIGID', part(of.mrConfigDocument)],
      ['Collateral', part(of.collateral)], ['Trust anchor', hex(answer.trustAnchor.sha256)],
    ]),
  ];
}
