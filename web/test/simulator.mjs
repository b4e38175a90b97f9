// Simulated machines with their apps and a PCCS, for the tests that ask somebody.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repository } from './harness.mjs';

// Starts them and tells where they are.
export async function simulate(...words) {
  const binary = process.env.SIMULATOR ?? join(repository, 'target/debug/teeproof-simulator');
  const child = spawn(binary, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the simulator ended with ${code}`)));
    child.stdout.on('data', (chunk) => {
      said += chunk;
      if (/^teeproof compare .*\n/m.test(said)) resolve();
    });
  });
  const all = (pattern) => [...said.matchAll(pattern)].map((found) => found[1]);
  return {
    instances: all(/^instance \d+: +(\S+)/gm),
    pccs: all(/^pccs: +(\S+)/gm)[0],
    root: all(/^root: +(\S+)/gm)[0],
    policy: all(/^policy: +(\S+)/gm)[0],
    stop: () => child.kill('SIGTERM'),
  };
}
