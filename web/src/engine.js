// What the page asks of the verifier: one class in front of the package, so that nothing else here
// knows its shape.

import { meetNeeds } from 'teeproof/lean';
import { Fault } from './fault.js';
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
    return (await open()).second;
  }

  async inspect(parts) {
    return (await this.#describing()).inspect(parts);
  }

  async explainPolicy(policy) {
    return (await this.#describing()).explainPolicy(policy ?? undefined);
  }

  // The check table, by id.
  async checks() {
    this.#checks ??= new Map((await this.#describing()).checks().map((row) => [row.id, row]));
    return this.#checks;
  }

  async verify(machines, options) {
    return (await open()).module.verify(inputs(machines), settings(options));
  }

  async compare(machines, options) {
    return (await this.#describing()).compare(inputs(machines), settings(options));
  }

  // What only the full module does.
  async #describing() {
    const { module, second } = await open();
    if (!second) {
      throw new Fault('not-loaded', 'a part of the verifier could not be loaded', 'reload the page when there is a network again, or open the page that is a single file');
    }
    return module;
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
