/**
 * What ntkc does, end to end, on real data, in under a minute: npm start.
 * Declares a 5-layer ReLU network; prints its NTK and weighted NTK; generates tfjs code; computes a Gram matrix with
 * that code and with the float64 reference; cross-validates on three tables; verifies against finite networks.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { styleText } from 'node:util';
import { startProgress } from '../src/cli/progress.ts';
import {
  compile,
  dense,
  derive,
  generate,
  gram,
  network,
  networkToJson,
  parseTable,
  relu,
  verify,
  verifyTable,
} from '../src/index.ts';
import { reportHtml } from '../src/verify/index.ts';
import { printUci } from './uci.ts';

// `npm start | head`: the reader has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
const folder = join(import.meta.dirname, '../.out/start');
mkdirSync(folder, { recursive: true });
const terminal = { out: () => {}, err: () => {}, errIsTerminal: process.stderr.isTTY };
const began = performance.now();

function save(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return relative(process.cwd(), join(folder, name));
}
const heading = (text: string) => console.log(`\n${styleText('bold', text)}\n${'─'.repeat(text.length)}`);

heading('1. A network, declared');
const table = parseTable(readFileSync(join(import.meta.dirname, 'data/uci/haberman.csv'), 'utf8'), {
  file: 'haberman.csv',
  label: 'class',
});
const hidden = [dense({ wStd: Math.SQRT2, bStd: 0.1 }), relu()];
const net = network({
  name: 'relu-mlp-5',
  input: { shape: [table.d] },
  layers: [...hidden, ...hidden, ...hidden, ...hidden, dense({ wStd: Math.SQRT2, bStd: 0.1 })],
});
console.log(networkToJson(net));

heading('2. Its NTK, derived step by step');
const ntk = derive(net, 'ntk');
console.log(ntk.toText());

heading('3. Its weighted NTK: one weight μ a layer (the lines that differ)');
const wntk = derive(net, 'wntk');
const weighted = wntk
  .toText()
  .split('\n')
  .filter((line) => /^layers\[\d*[02468]\] {2}dense, |^ {2}Θ|^ {2}WNTK|μ/.test(line));
console.log(weighted.filter((line) => !line.includes('(diagonal)')).join('\n'));

heading('4. tfjs source, generated');
const source = await generate(ntk, 'tfjs');
const code = source
  .slice(source.indexOf('*/') + 2)
  .trim()
  .split('\n');
console.log(
  `${code.slice(0, 60).join('\n')}\n... ${code.length - 60} more lines in ${save('relu-mlp-5.ntk.ts', source)}`,
);
console.log(
  `Also there: ${[save('ntk.html', await ntk.toHtml()), save('ntk.tex', ntk.toLatex({ document: true })), save('wntk.txt', wntk.toText())].join(', ')}`,
);

heading(`5. Gram matrices of real data: haberman, ${table.n} rows`);
const x = { data: standardised(table.x, table.n, table.d), n: table.n };
const [reference, tfjs] = [await compile(ntk), await compile(ntk, { target: 'tfjs' })];
await gram(tfjs, x); // the first run compiles
const [a, b] = [await timed(() => gram(reference, x)), await timed(() => gram(tfjs, x))];
const worst = a.value.reduce((w, v, i) => Math.max(w, Math.abs(v - (b.value[i] as number)) / Math.abs(v)), 0);
console.log(`${reference.target.padEnd(20)} float64  ${a.ms.toFixed(0).padStart(5)} ms`);
console.log(
  `${tfjs.target.padEnd(20)} float32  ${b.ms.toFixed(0).padStart(5)} ms   largest relative difference ${worst.toExponential(1)} over ${a.value.length} entries`,
);

heading('6. Cross-validated accuracy on real data');
await printUci();

heading('7. Verified against finite networks');
const progress = await startProgress(terminal, 'verify');
const report = await verify(net, {
  targets: ['tfjs:cpu'],
  onProgress: ({ stage, done, total }) => progress.update(done, total, stage),
});
progress.stop();
console.log(verifyTable(report));
console.log(`Report with plots, open it in a browser: ${save('report.html', await reportHtml(report))}`);
console.log(`\n${((performance.now() - began) / 1000).toFixed(0)} s in all.`);
if (!report.passed) process.exitCode = 1;

async function timed<T>(f: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const start = performance.now();
  const value = await f();
  return { value, ms: performance.now() - start };
}

/** Columns with mean 0 and variance 1. */
function standardised(data: Float64Array, n: number, d: number): Float64Array {
  const out = data.slice();
  for (let c = 0; c < d; c++) {
    const column = Array.from({ length: n }, (_, i) => data[i * d + c] as number);
    const mean = column.reduce((s, v) => s + v, 0) / n;
    const std = Math.sqrt(column.reduce((s, v) => s + (v - mean) ** 2, 0) / n) || 1;
    for (let i = 0; i < n; i++) out[i * d + c] = ((column[i] as number) - mean) / std;
  }
  return out;
}
