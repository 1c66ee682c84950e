/** `ntkc hierarchy --contract`: Σ over all but the first two samples, of a finite network or in expectation. */
import { NtkcError } from '../../errors.ts';
import { type Network, shapeText } from '../../ir/arch/index.ts';
import { loadArray, printNested, saveArray } from '../../runtime/io/index.ts';
import type { Inputs } from '../../runtime/kernel.ts';
import { inputRows, loadInputs } from '../inputsFile.ts';
import { interruptible } from '../interruptible.ts';
import { inFile, loadNetwork } from '../networkFile.ts';
import { loadParameters } from '../parametersFile.ts';
import { type Progress, startProgress } from '../progress.ts';
import { note, printJson, type Terminal } from '../terminal.ts';
import type { HierarchyOptions } from './hierarchyOptions.ts';

interface Job {
  readonly network: Network;
  readonly netFile: string;
  readonly x: Inputs;
  /** [n] contracts K3, [n n] contracts K4. */
  readonly weights: Float64Array;
  readonly order: 3 | 4;
  readonly options: HierarchyOptions & { readonly contract: string };
}

/** Row-major [n n]. */
interface Contracted {
  readonly values: Float64Array;
  readonly standardError?: Float64Array;
  /** What else a reader should know, for stderr and for --json. */
  readonly notes: readonly string[];
  readonly facts: Readonly<Record<string, number | string>>;
}

export async function contractHierarchy(
  netFile: string,
  options: HierarchyOptions & { readonly contract: string },
  terminal: Terminal,
): Promise<number> {
  const started = performance.now();
  const network = await loadNetwork(netFile);
  const x = loadInputs(options.x, network, netFile);
  const job = { network, netFile, x, options, ...loadWeights(options.contract, x.n) };
  const progress = await startProgress(terminal, `K${job.order} contracted, ${x.n} x ${x.n}`);
  let found: Contracted;
  try {
    found = await interruptible(() => compute(job, progress));
  } finally {
    progress.stop();
  }
  const shape = [x.n, x.n];
  if (options.output !== undefined) saveArray(options.output, found.values, shape);
  if (options.standardError !== undefined && found.standardError !== undefined)
    saveArray(options.standardError, found.standardError, shape);
  report(job, found, (performance.now() - started) / 1000, terminal);
  return 0;
}

function compute(job: Job, progress: Progress): Promise<Contracted> {
  const { parameters, samples } = job.options;
  if (parameters !== undefined) return finite(job, parameters);
  return samples === undefined ? expected(job, progress) : sampled(job, samples, progress);
}

function loadWeights(file: string, n: number): Pick<Job, 'weights' | 'order'> {
  const { data, shape } = loadArray(file, 'weights');
  if (shape.every((size) => size === n) && (shape.length === 1 || shape.length === 2))
    return { weights: Float64Array.from(data), order: shape.length === 1 ? 3 : 4 };
  throw new NtkcError({
    what: `the weights have the shape ${shapeText(shape)}`,
    where: file,
    expected: `[${n}] to contract K3, or [${n}, ${n}] to contract K4: one for each of the ${n} samples`,
  });
}

async function finite({ network, netFile, x, weights, order, options }: Job, file: string): Promise<Contracted> {
  const [{ compileHierarchy }, { costLines }] = await Promise.all([
    import('../../compileHierarchy.ts'),
    import('../../codegen/hierarchy/plans.ts'),
  ]);
  const { program: finite, parameters } = await loadParameters(file, network);
  const { target = 'wasm' } = options;
  const compiled = await inFile(netFile, () => compileHierarchy(network, order, { finite, samples: x.n, target }));
  const values = await inFile(`${options.x}, ${file} and ${options.contract}`, async () => {
    const prepared = await compiled.prepare({ parameters, x: Float64Array.from(x.data), n: x.n });
    return prepared.contracted(weights);
  });
  const { terms } = compiled.program;
  return {
    values,
    notes: costLines(compiled.plans).slice(0, 2),
    facts: { level: 'finite', terms: terms.length, target: compiled.target },
  };
}

async function expected({ network, netFile, x, weights, order, options }: Job, progress: Progress) {
  if (order === 3) return vanishing(x.n);
  const { expectedContraction } = await import('../../expectedContraction.ts');
  const { coincident, smoothing } = options;
  const choices = { ...(coincident && { coincident }), ...(smoothing !== undefined && { smoothing }) };
  const { values, excluded } = await inFile(`${netFile}, ${options.x} and ${options.contract}`, () =>
    expectedContraction(network, inputRows(x), weights, { ...choices, onProgress: progress.update }),
  );
  const notes = excluded > 0 ? [`note: ${excluded} tuples excluded, at coinciding samples; they count as 0`] : [];
  return { values, notes, facts: { level: 'expected', excluded } };
}

async function sampled(job: Job, neurons: number, progress: Progress): Promise<Contracted> {
  const { network, netFile, x, weights, order, options } = job;
  if (order === 3) return vanishing(x.n);
  const { sampledContraction } = await import('../../sampledContraction.ts');
  const { smoothing, seed = 0 } = options;
  const choices = { neurons, seed, ...(smoothing !== undefined && { smoothing }), onProgress: progress.update };
  const found = await inFile(`${netFile}, ${options.x} and ${options.contract}`, () =>
    sampledContraction(network, inputRows(x), weights, choices),
  );
  const typical = rootMeanSquare(found.standardError) / rootMeanSquare(found.mean);
  return {
    values: found.mean,
    standardError: found.standardError,
    notes: [
      `a mean over ${found.neurons} neurons; its standard error is ${(100 * typical).toPrecision(2)} % (root mean square)`,
    ],
    facts: { level: 'sampled', neurons: found.neurons, seed, relativeStandardError: typical },
  };
}

const rootMeanSquare = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

const vanishing = (n: number): Contracted => ({
  values: new Float64Array(n * n),
  notes: ['note: E K3 is 0: it is odd in the weights of the last layer'],
  facts: { level: 'expected' },
});

function report({ network, x, order, options }: Job, found: Contracted, seconds: number, terminal: Terminal): void {
  const { values, standardError, notes, facts } = found;
  const { output } = options;
  const nested = (data: Float64Array) =>
    Array.from({ length: x.n }, (_, a) => [...data.subarray(a * x.n, (a + 1) * x.n)]);
  if (options.json) {
    const errors = standardError === undefined ? {} : { standardErrors: nested(standardError) };
    const result = output === undefined ? { values: nested(values), ...errors } : { output };
    const about = { network: network.name, contracted: `K${order}`, n: x.n, ...facts };
    printJson(terminal, { ...about, seconds: Number(seconds.toFixed(3)), ...result });
  } else if (output === undefined) terminal.out(printNested(values, [x.n, x.n]));
  for (const line of notes) note(terminal, line);
  const what = `K${order} contracted over ${x.n} samples, ${seconds.toFixed(1)} s`;
  note(terminal, output === undefined ? what : `${output}: ${what}`);
}
