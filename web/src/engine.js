// What the page asks of the verifier: one class in front of the package, so that nothing else here
// knows its shape.

import { meetNeeds } from 'teeproof';
import { open } from './provider.js';

export class Engine {
  #checks = null;

  // Where collateral is fetched where nobody says otherwise: what dstack's own tools ask.
  pccs = 'https://pccs.phala.network';

  load() {
    return open();
  }

  // Whether the second engine came.
  async second() {
    return (await open()).second();
  }

  async inspect(parts) {
    return (await open()).describing().inspect(parts);
  }

  async explainPolicy(policy) {
    const reader = policy === null || policy.trimStart().startsWith('{') ? (await open()).describing() : await (await open()).judging();
    return reader.explainPolicy(policy ?? undefined);
  }

  // The check table, by id.
  async checks() {
    this.#checks ??= new Map((await open()).describing().checks().map((row) => [row.id, row]));
    return this.#checks;
  }

  async verify(machines, options) {
    return (await (await open()).judging()).verify(inputs(machines), settings(options));
  }

  async compare(machines, options) {
    return (await (await open()).judging()).compare(inputs(machines), settings(options));
  }

  collateral(needs, service, fetch) {
    return meetNeeds(needs, { service, fetch });
  }
}

function inputs(machines) {
  return machines.map((machine) => ({
    name: machine.name,
    parts: machine.parts.map((part) => part.bytes),
    // Of evidence that was given as it is, the challenge is that of the form.
    ...(machine.exchange === null ? {} : { challenge: machine.exchange, live: true }),
  }));
}

function settings({ policy, instant, root, challenge, differentMachines }) {
  return {
    policy: policy ?? undefined,
    at: { clock: 'now', captured: 'captured', given: instant.at }[instant.source],
    root: root ?? undefined,
    challenge: challenge ?? undefined,
    differentMachines,
  };
}
