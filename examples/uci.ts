/**
 * NTK regression on three UCI tables: the rows SURVIVAL, CONTRAC and CREDIT of Table 2 in wntk-tan2021.
 * 5-layer ReLU network, standardised features, absolute ridge 0.1, 5-fold cross-validation, mean over 3 seeds.
 *
 *     node examples/uci.ts
 */
import { readFileSync } from 'node:fs';
import { compile, crossValidate, dense, gramOf, network, parseTable, relu } from '../src/index.ts';

const tables = [
  { file: 'haberman', paper: 70.72 },
  { file: 'contraceptive', paper: 48.37 },
  { file: 'australian', paper: 60.61 },
];
const seeds = [0, 1, 2];

/** Mean accuracy in percent; `wStd` 1 is the paper's unit variance, √2 is He scaling. */
export async function accuracy(file: string, wStd: number): Promise<number> {
  const path = new URL(`data/uci/${file}.csv`, import.meta.url);
  const table = parseTable(readFileSync(path, 'utf8'), { file, label: 'class' });
  const hidden = [dense({ wStd }), relu()];
  const net = network({
    input: { shape: [table.d] },
    layers: [...hidden, ...hidden, ...hidden, ...hidden, dense({ wStd })],
  });
  const kernel = gramOf(await compile(net, { kernel: 'ntk' }));
  const runs = [];
  for (const seed of seeds)
    runs.push(await crossValidate({ ...table, kernel, ridge: { kind: 'absolute', value: 0.1 }, folds: 5, seed }));
  const means = runs.map((r) => (r.task === 'classification' ? r.accuracy.mean : Number.NaN));
  return (100 * means.reduce((a, b) => a + b, 0)) / means.length;
}

export async function printUci(): Promise<void> {
  console.log('accuracy in %      variance 1   He scaling   wntk-tan2021, Table 2');
  for (const { file, paper } of tables) {
    const [unit, he] = [await accuracy(file, 1), await accuracy(file, Math.SQRT2)];
    const columns = [unit, he, paper].map((v) => v.toFixed(2).padStart(12));
    console.log(`${file.padEnd(16)} ${columns.join(' ')}`);
  }
  console.log(`5-fold, standardised, absolute ridge 0.1, mean over seeds ${seeds.join(', ')}.`);
}

if (import.meta.main) await printUci();
