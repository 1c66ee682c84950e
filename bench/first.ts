/**
 * How soon there is a first Gram matrix: a fresh process imports the built package (npm run build), derives relu-mlp-5,
 * compiles it and computes 100 rows. With --python, the same of neural-tangents by firstPeer.py, alternating.
 *
 *     npm run build && npm run bench:first -- [--python VENV/bin/python] [--rounds N] [--keep FILE]
 *
 * Seconds, best of the rounds: `first` from the network to its Gram matrix, `process` from the start of the process to
 * its end.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { about } from './about.ts';

const { values } = parseArgs({
  options: { python: { type: 'string' }, rounds: { type: 'string', default: '10' }, keep: { type: 'string' } },
});
const sides = {
  ntkc: [process.execPath, join(import.meta.dirname, 'firstProcess.mjs')],
  ...(values.python !== undefined && { peer: [values.python, join(import.meta.dirname, 'firstPeer.py')] }),
};
const best: Record<string, { first: number; process: number }> = {};
for (let round = 0; round < Number(values.rounds); round++)
  for (const [side, [command = '', ...args]] of Object.entries(sides)) {
    const start = performance.now();
    const first = Number(execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
    const seconds = { first, process: (performance.now() - start) / 1000 };
    const before = best[side] ?? seconds;
    best[side] = {
      first: Math.min(before.first, seconds.first),
      process: Math.min(before.process, seconds.process),
    };
  }
const rounded = Object.entries(best).map(
  ([side, { first, process }]) =>
    [side, { first: Number(first.toFixed(4)), process: Number(process.toFixed(3)) }] as const,
);
const row = { workload: 'first-100', ...Object.fromEntries(rounded) };
console.log(JSON.stringify(row));
const { ntkc, peer } = best;
if (ntkc !== undefined && peer !== undefined)
  console.log(
    `sooner: ${(peer.first / ntkc.first).toFixed(1)} x, as processes ${(peer.process / ntkc.process).toFixed(1)} x`,
  );
if (values.keep !== undefined)
  appendFileSync(values.keep, `${JSON.stringify({ ...row, ...about('bench/first.ts') })}\n`);
