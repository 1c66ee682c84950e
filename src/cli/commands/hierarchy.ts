import { plural } from '../../alignedTable.ts';
import { NtkcError } from '../../errors.ts';
import type { Network } from '../../ir/arch/index.ts';
import type { TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { kinksOf } from '../../ops/kinks.ts';
import { hierarchyAt } from '../../runtime/empirical/hierarchy/index.ts';
import { sampleRows } from '../../runtime/empirical/index.ts';
import { printNested, saveArray } from '../../runtime/io/index.ts';
import type { Inputs } from '../../runtime/kernel.ts';
import { aggregates, inputRows, loadInputs, requireAggregate, withPatterns } from '../inputsFile.ts';
import { interruptible } from '../interruptible.ts';
import { inFile, loadNetwork } from '../networkFile.ts';
import { requireWritable } from '../output.ts';
import { loadParameters } from '../parametersFile.ts';
import { startProgress } from '../progress.ts';
import { note, printJson, type Terminal } from '../terminal.ts';
import { loadTuples } from '../tuplesFile.ts';
import { type HierarchyOptions, requireOptions } from './hierarchyOptions.ts';

interface Computed {
  readonly values: Float64Array;
  /** Tuples left out, at coinciding samples. */
  readonly excluded: number;
}

/** Everything the values are computed from. */
interface Job {
  readonly network: Network;
  readonly x: Inputs;
  readonly tuples: readonly (readonly number[])[];
}

export async function hierarchy(netFile: string, options: HierarchyOptions, terminal: Terminal): Promise<number> {
  const started = performance.now();
  requireOptions(options);
  const { contract, parameters, pattern, tuples: tuplesFile } = options;
  const read = [netFile, options.x, pattern, tuplesFile, contract, parameters];
  requireWritable(options.output, read);
  requireWritable(options.standardError, read);
  if (contract !== undefined) {
    const { contractHierarchy } = await import('./hierarchyContract.ts');
    return contractHierarchy(netFile, { ...options, contract }, terminal);
  }
  const network = await loadNetwork(netFile);
  const x = inputsOf(network, netFile, options);
  const tuples = await loadTuples(tuplesFile as string, x.n);
  const job = { network, x, tuples };
  const { values, excluded } = await interruptible(() =>
    parameters === undefined
      ? expectedValues(job, netFile, options, terminal)
      : finiteValues(job, parameters, options, terminal),
  );
  if (options.output !== undefined) saveArray(options.output, values, [values.length]);
  report({ options, network, tuples, values, excluded, seconds: (performance.now() - started) / 1000 }, terminal);
  return 0;
}

function inputsOf(network: Network, netFile: string, { x, pattern, parameters }: HierarchyOptions): Inputs {
  if (pattern !== undefined) requireAggregate(network, netFile, '--pattern');
  else if (parameters !== undefined && aggregates(network.layers))
    throw new NtkcError({
      what: 'the network has an aggregate, and no patterns are given',
      where: netFile,
      expected: '--pattern FILE: a matrix over positions, or a list of edges, for each sample',
    });
  return withPatterns(loadInputs(x, network, netFile), pattern, network);
}

async function finiteValues(
  { network, x, tuples }: Job,
  parametersFile: string,
  options: HierarchyOptions,
  terminal: Terminal,
): Promise<Computed> {
  const { program, parameters } = await loadParameters(parametersFile, network);
  const outputs = program.nodes.at(-1)?.width ?? 1;
  if (outputs > 1) note(terminal, `note: the network has ${outputs} outputs; f is the first`);
  if (program.nodes.some(({ kind }) => kind === 'mask'))
    note(terminal, 'note: no dropout: each mask is its mean, 1, as in a network that predicts');
  if (hasKinks(program))
    note(
      terminal,
      'note: an activation is not smooth; its derivatives are taken pointwise, zero or one-sided at a kink',
    );
  const progress = await startProgress(terminal, `K of ${tuples.length} tuples`);
  try {
    const values = await inFile(`${options.x}, ${parametersFile} and ${options.tuples}`, () =>
      hierarchyAt(program, parameters, sampleRows(x), x.n, tuples, { onProgress: progress.update }),
    );
    return { values, excluded: 0 };
  } finally {
    progress.stop();
  }
}

async function expectedValues(
  { network, x, tuples }: Job,
  netFile: string,
  { x: xFile, tuples: tuplesFile, coincident, smoothing }: HierarchyOptions,
  terminal: Terminal,
): Promise<Computed> {
  const { expectedHierarchy } = await import('../../derive/hierarchy/expectation.ts');
  let excluded = 0;
  const onExcluded = (count: number) => {
    excluded = count;
  };
  const choices = { onExcluded, ...(coincident && { coincident }), ...(smoothing !== undefined && { smoothing }) };
  const values = await inFile(`${netFile}, ${xFile} and ${tuplesFile}`, () =>
    expectedHierarchy(network, inputRows(x), tuples, choices),
  );
  if (excluded > 0)
    note(
      terminal,
      `note: ${excluded} of ${plural(tuples.length, 'tuple')} excluded, at coinciding samples; they count as 0`,
    );
  return { values, excluded };
}

const hasKinks = ({ nodes }: TensorProgram) =>
  nodes.some((node) => node.kind === 'elementwise' && kinksOf(node.phi).length > 0);

interface Outcome extends Computed {
  readonly options: HierarchyOptions;
  readonly network: Network;
  readonly tuples: readonly (readonly number[])[];
  readonly seconds: number;
}

function report({ options, network, tuples, values, excluded, seconds }: Outcome, terminal: Terminal): void {
  const { output } = options;
  const orders = [...new Set(tuples.map(({ length }) => length))].sort((a, b) => a - b);
  if (options.json) {
    const result = output === undefined ? { values: [...values] } : { output };
    printJson(terminal, {
      network: network.name,
      level: options.expected ? 'expected' : 'finite',
      orders,
      count: values.length,
      ...(options.coincident === 'exclude' && { excluded }),
      seconds: Number(seconds.toFixed(3)),
      ...result,
    });
  } else if (output === undefined) terminal.out(printNested(values, [values.length]));
  const what = `${orders.map((order) => `K${order}`).join(', ')} at ${plural(values.length, 'tuple')}, ${seconds.toFixed(1)} s`;
  note(terminal, output === undefined ? what : `${output}: ${what}`);
}
