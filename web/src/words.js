// Words that the page itself adds to an answer. What a check proves and why it failed comes with the
// answer and the check table; here is only what has no place there.

// What a verdict says and does not say, as in the project's README.
export const VERDICTS = {
  trusted: {
    says: 'The quote was signed by an Intel-certified key, everything the policy demands holds, the operating system is an approved one, and so is what it runs.',
    not: 'That the app is free of bugs, or that nobody extracted a platform key by physical means.',
  },
  genuine: {
    says: 'The quote is real hardware evidence that the policy accepts.',
    not: 'What runs on it: that was not pinned.',
  },
  simulated: {
    says: 'Under a test root this would be an accepted verdict. The trust anchor is not Intel’s.',
    not: 'Anything about hardware. Whoever has the test root’s key can make this evidence on any computer.',
  },
  rejected: {
    says: 'At least one check failed. The first of them stands below with what to do.',
    not: null,
  },
  inconclusive: {
    says: 'Nothing failed, and something that was demanded could not be checked.',
    not: 'That all is well: a check that was not made is never a pass.',
  },
};

// What a comparison's result says.
export const RESULTS = {
  'same-code': { word: 'Same code proven', mark: 'trusted' },
  'same-measurements': { word: 'Same measurements, code not proven', mark: 'genuine' },
  unproven: { word: 'Unproven', mark: 'inconclusive' },
  refuted: { word: 'Refuted', mark: 'rejected' },
};

export const OUTCOMES = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'could not be checked',
  'not-requested': 'not asked for',
};

export const ANCHORS = {
  'intel-root': 'Intel’s root',
  'test-root': 'a test root',
  'caller-pin': 'your own pins',
  'os-identity': 'the approved operating system',
  'measured-log': 'the measured log',
  'mr-config-id': 'MRCONFIGID',
  'self-asserted': 'its own word',
};

export const RELATIONS = {
  'must-match': 'Must match',
  'must-differ': 'Must differ',
  'expected-to-differ': 'Expected to differ',
  informational: 'For information',
};

export const STANDINGS = {
  holds: { word: 'holds', mark: 'passed' },
  broken: { word: 'broken', mark: 'failed' },
  'not-evaluable': { word: 'cannot be told', mark: 'skipped' },
  explained: { word: 'explained', mark: 'passed' },
  unexplained: { word: 'unexplained', mark: 'skipped' },
  shown: { word: 'shown', mark: 'not-requested' },
};

export const CHANNELS = {
  bound: 'bound: the key of the connection is in the quote',
  unbound: 'unbound: some TD answered, and not necessarily the one at this address; a browser cannot see the key of a TLS connection',
  saved: 'saved evidence: nobody saw its connection',
};

// Chapters of the check table, by the hundreds of a check's number.
const CHAPTERS = [
  [100, 'The quote'],
  [200, 'Intel’s endorsements'],
  [300, 'The chain of signatures'],
  [400, 'Patch level'],
  [500, 'The platform and the TD'],
  [600, 'The operating system and its log'],
  [620, 'The app'],
  [700, 'Freshness'],
  [711, 'The channel'],
  [800, 'The second engine'],
];

export function chapter(number) {
  const found = CHAPTERS.findLast(([from]) => number >= from);
  return found && number < 900 ? found[1] : 'Other checks';
}

// A word out of a table, or the word itself: a newer package may know words that this page does not.
export const word = (table, key) => (Object.hasOwn(table, key) ? table[key] : key);

export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
