import { NtkcError } from '../../errors.ts';
import { type Network, shapeText } from '../../ir/arch/index.ts';
import type { SingleKernel } from '../../ir/program/index.ts';
import { networkToJson } from '../../ops/vocabulary.ts';
import { atomicWriteFile, type LabelledTable, parseTable, readInput, type TaskChoice } from '../../runtime/io/index.ts';
import type { CompiledKernel, DType } from '../../runtime/kernel.ts';
import type { TargetOptions } from '../../runtime/load.ts';
import {
  type CrossValidated,
  crossValidate,
  fit as fitAll,
  gramOf,
  type Ridge,
  toModel,
} from '../../runtime/predict/index.ts';
import { compileKernel } from '../compileKernel.ts';
import { inFile, loadNetwork } from '../networkFile.ts';
import { requireWritable } from '../output.ts';
import { startProgress } from '../progress.ts';
import { note, printJson, type Terminal } from '../terminal.ts';
import { scoreJson, scoreText } from './fitReport.ts';

export interface FitOptions {
  readonly data: string;
  readonly label: string;
  /** Columns that are no features. */
  readonly drop?: readonly string[];
  readonly kernel: SingleKernel;
  readonly layerWeights?: readonly number[];
  readonly ridge: Ridge;
  readonly folds: number;
  readonly seed: number;
  readonly task: TaskChoice;
  readonly target: 'reference' | 'wasm';
  readonly dtype: DType;
  readonly save?: string;
  readonly json?: true;
}

export async function fit(netFile: string, options: FitOptions, terminal: Terminal): Promise<number> {
  requireWritable(options.save, [netFile, options.data]);
  const network = await loadNetwork(netFile);
  const { data: file, label, drop = [], task } = options;
  if (drop.includes(label))
    throw new NtkcError({ what: `--drop ${label}: this is the label`, expected: 'other columns than --label' });
  const table = parseTable(readInput(file), { file, label, drop, task });
  requireFeatures(network, table, netFile, file);
  requireFolds(options.folds, table.n, file);
  const kernel = await compileKernel(network, netFile, options, targetOf(options));
  const scores = await score(table, kernel, options, terminal);
  const about = { network: network.name, options, table, scores };
  if (options.json) printJson(terminal, scoreJson(about));
  else terminal.out(scoreText(about));
  if (options.save !== undefined) {
    await inFile(file, () => save(network, table, kernel, options));
    note(terminal, `${options.save}: model fitted on all ${table.n} rows`);
  }
  return 0;
}

async function score(
  table: LabelledTable,
  kernel: CompiledKernel,
  options: FitOptions,
  terminal: Terminal,
): Promise<CrossValidated> {
  const { data: file, ridge, folds, seed } = options;
  const progress = await startProgress(terminal, `${folds} folds`);
  let done = 0;
  try {
    const onFold = () => progress.update(++done, folds);
    return await crossValidate({ ...table, kernel: gramOf(kernel), ridge, folds, seed, onFold });
  } catch (error) {
    // Row numbers in a complaint count the training rows of its fold.
    throw error instanceof NtkcError ? error.inFile(`${file}, training rows of fold ${done + 1}`) : error;
  } finally {
    progress.stop();
  }
}

async function save(
  network: Network,
  table: LabelledTable,
  kernel: CompiledKernel,
  options: FitOptions,
): Promise<void> {
  const fitted = await fitAll(table, { kernel: gramOf(kernel), ridge: options.ridge });
  const model = toModel(fitted, {
    network: JSON.parse(networkToJson(network)) as unknown,
    kernel: options.kernel,
    ...(options.kernel === 'wntk' && { layerWeights: kernel.layerWeights }),
    featureNames: table.featureNames,
    labelName: table.labelName,
    ...(options.drop !== undefined && { dropped: options.drop }),
  });
  atomicWriteFile(options.save ?? '', `${JSON.stringify(model)}\n`);
}

/** Reference knows float64 only, and says so. */
const targetOf = ({ target, dtype }: FitOptions): TargetOptions => ({ target, dtype });

function requireFolds(folds: number, n: number, file: string): void {
  if (folds > n)
    throw new NtkcError({ what: `--folds ${folds} for ${n} rows`, where: file, expected: `--folds from 2 to ${n}` });
}

function requireFeatures(network: Network, { d, featureNames }: LabelledTable, netFile: string, file: string): void {
  const { shape } = network.input;
  if (shape.length === 1 && shape[0] === d) return;
  const spare = shape.length === 1 ? d - (shape[0] as number) : 0;
  const orDrop = spare > 0 ? `, or leave ${spare === 1 ? 'one' : spare} out with --drop` : '';
  const names = featureNames.length > 8 ? [...featureNames.slice(0, 8), '...'] : featureNames;
  throw new NtkcError({
    what: `${file} has ${d} feature column${d === 1 ? '' : 's'} (${names.join(', ')}), but the network takes ${shapeText(shape)}`,
    where: `${netFile}: input.shape`,
    expected: `[${d}]`,
    next: `Write "input": {"shape": [${d}]} in the network${orDrop}.`,
  });
}
