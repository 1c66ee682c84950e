/**
 * Both sides on the same workloads in one run, alternating, and the ratio of the best times.
 *
 *     npm run bench:peer -- --peer "VENV/bin/python PATH/bench.py" [--rounds N] [--target NAME] [--keep FILE] [WORKLOAD ...]
 *
 * --keep appends one JSON line a workload, with date, machine, load of the last minute and command.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { about } from './about.ts';
import { workloads } from './workloads.ts';

interface Measurement {
  readonly peer: string;
  readonly workload: string;
  readonly seconds: number;
  readonly first_call_seconds: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peer: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    target: { type: 'string', default: 'wasm' },
    keep: { type: 'string' },
  },
});
if (values.peer === undefined) {
  console.error('bench: --peer says how to run the other side, e.g. --peer "venv/bin/python bench.py"');
  process.exit(2);
}
const names = positionals.length > 0 ? positionals : workloads.map((w) => w.name).filter((n) => !n.endsWith('-n8000'));
const ours = [process.execPath, join(import.meta.dirname, 'bench.ts'), '--target', values.target];
const theirs = values.peer.split(' ');

console.log('workload        ntkc s    peer s    ratio   ntkc first s   peer first s');
for (const name of names) {
  const rounds = Array.from({ length: Number(values.rounds) }, () => [run(ours, name), run(theirs, name)] as const);
  const best = (side: 0 | 1, field: 'seconds' | 'first_call_seconds') => Math.min(...rounds.map((r) => r[side][field]));
  const row = {
    workload: name,
    ntkc: best(0, 'seconds'),
    peer: best(1, 'seconds'),
    ntkcFirst: best(0, 'first_call_seconds'),
    peerFirst: best(1, 'first_call_seconds'),
  };
  const numbers = [row.ntkc.toFixed(4), row.peer.toFixed(4), (row.peer / row.ntkc).toFixed(1)];
  console.log([name.padEnd(14), ...numbers.map((v) => v.padStart(8)), row.ntkcFirst, row.peerFirst].join('  '));
  if (values.keep !== undefined)
    appendFileSync(values.keep, `${JSON.stringify({ ...row, ...about('bench/peer.ts') })}\n`);
}

function run([command = '', ...args]: readonly string[], workload: string): Measurement {
  const text = execFileSync(command, [...args, workload], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(text.trim().split('\n').at(-1) ?? '') as Measurement;
}
