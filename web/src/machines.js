// What is to be judged: machines, each with its parts, as the person arranges them.

import { Fault } from './fault.js';

const EVIDENCE = 'evidence';
const COLLATERAL = 'collateral';

export class Machines {
  #engine;
  #list = [];

  constructor(engine) {
    this.#engine = engine;
  }

  get list() {
    return this.#list;
  }

  // How many instances there are: one input may be about several.
  get instances() {
    return this.#list.reduce((count, machine) => count + Math.max(1, machine.parts.reduce((sum, part) => sum + part.instances, 0)), 0);
  }

  // Takes files that came together, by themselves. One that carries evidence of a machine begins a
  // machine, unless the one in hand has none yet, and the others go with it. Of several such, only
  // collateral can be shared out: it says itself which platform it is for.
  async add(files) {
    const parts = [];
    for (const { name, bytes } of files) parts.push(await this.#recognise(name, bytes));
    const evidence = parts.filter((part) => part.kind === EVIDENCE);
    const others = parts.filter((part) => part.kind !== EVIDENCE);
    if (evidence.length > 1) {
      const unclear = others.find((part) => part.kind !== COLLATERAL);
      if (unclear) {
        throw new Fault('whose-part', `there are ${evidence.length} machines, and the file ${unclear.name} does not say to which of them it belongs`, 'give the files of one machine at a time, or drop a folder for each');
      }
      for (const part of evidence) this.#begin(part.name, [part, ...(part.hasCollateral ? [] : others)]);
      return;
    }
    const last = this.#list.at(-1);
    const begins = !last || last.closed || (evidence.length === 1 && last.parts.some((part) => part.kind === EVIDENCE));
    if (begins) {
      this.#begin((evidence[0] ?? parts[0]).name, parts);
    } else {
      if (evidence.length === 1) last.name = this.#unused(evidence[0].name, last);
      last.parts.push(...parts);
    }
  }

  // Takes the parts of one machine that belong together: a folder, a link, an answer of an instance.
  async addMachine(name, parts, { exchange = null, notes = [], closed = true } = {}) {
    const recognised = [];
    for (const part of parts) recognised.push(await this.#recognise(part.name, part.bytes));
    this.#begin(name, recognised, { closed, exchange, notes });
  }

  // Gives collateral to a machine.
  async supply(machine, name, bytes) {
    machine.parts.push(await this.#recognise(name, bytes));
  }

  remove(machine) {
    this.#list = this.#list.filter((one) => one !== machine);
  }

  clear() {
    this.#list = [];
  }

  #begin(name, parts, { closed = false, exchange = null, notes = [] } = {}) {
    this.#list.push({ name: this.#unused(name), parts, closed, exchange, notes });
  }

  // A name that no other machine has: tables and sentences tell machines apart by it.
  #unused(name, self = null) {
    const taken = new Set(this.#list.filter((machine) => machine !== self).map((machine) => machine.name));
    let unused = name;
    for (let count = 2; taken.has(unused); count += 1) unused = `${name} (${count})`;
    return unused;
  }

  async #recognise(name, bytes) {
    let described;
    try {
      [described] = await this.#engine.inspect([bytes]);
    } catch (error) {
      throw new Fault(error.code ?? 'unreadable', `the file ${name}: ${error.message}`, error.next ?? 'give a quote, a bundle, an answer of dstack or Phala Cloud, or a part that goes with one');
    }
    return { name, bytes, ...summary(described) };
  }
}

// What a part says it is, in a few words. Nothing of it is verified.
function summary(described) {
  const found = Object.keys(PARTS).find((key) => described[key] !== undefined);
  if (described.instances !== undefined) {
    const several = described.instances.length;
    const [first] = described.instances;
    const capturedAt = described.instances.map((one) => one.capturedAt).find((at) => at) ?? null;
    const label = first?.label ?? null;
    return {
      kind: EVIDENCE,
      says: several > 1 ? `${first.kind}, ${several} instances` : words(first),
      label,
      capturedAt,
      instances: several,
      hasCollateral: described.instances.every((one) => one.collateral?.length > 0),
    };
  }
  return { kind: found ?? 'unknown', says: PARTS[found] ?? 'a part', label: null, capturedAt: null, instances: 0, hasCollateral: found === COLLATERAL };
}

const PARTS = {
  eventLog: 'event log',
  appCompose: 'app-compose',
  collateral: 'collateral',
  vmConfig: 'vm_config',
  mrConfigDocument: 'document behind MRCONFIGID',
  pckChain: 'PCK certificate chain',
};

function words(instance) {
  if (!instance) return 'evidence of no instance';
  const quote = instance.quote;
  const of = quote?.tee ? `${quote.tee.toUpperCase()} quote, version ${quote.version}` : null;
  return [instance.kind, of].filter((one) => one && one !== instance.kind).join(': ');
}
