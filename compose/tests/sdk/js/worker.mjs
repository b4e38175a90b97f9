// The published JavaScript packages, asked line by line: each line of standard input is
// {"compose": "the text of an app-compose"}, each line of output says for every function what hash it
// gives, or that it fails. What stands after @ tells two functions of one predictor apart.
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { getComposeHash as dstack } from '@phala/dstack-sdk/get-compose-hash';
import * as phala from '@phala/cloud';

const sha256 = (text) => createHash('sha256').update(text, 'utf8').digest('hex');

const functions = {
  'dstack-js': (compose) => dstack(compose),
  'dstack-js-normalised': (compose) => dstack(compose, true),
  'phala-js': (compose) => sha256(phala.dumpAppCompose(phala.preprocessAppCompose(compose))),
  'phala-js@getHash': (compose) => phala.withComposeMethods(compose).getHash(),
  'dstack-vmm-page': (compose) => sha256(JSON.stringify(compose)),
  // What the package exports under this name is dstack's function, not its own.
  'dstack-js@@phala/cloud': (compose) => phala.getComposeHash(compose),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { compose } = JSON.parse(line);
  const answer = {};
  for (const [name, hash] of Object.entries(functions)) {
    try {
      answer[name] = { sha256: hash(JSON.parse(compose)) };
    } catch (error) {
      answer[name] = { error: String(error) };
    }
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
