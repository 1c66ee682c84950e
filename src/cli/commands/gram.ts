import { NtkcError } from '../../errors.ts';
import type { SingleKernel } from '../../ir/program/index.ts';
import { gram as gramMatrix, gramTo } from '../../runtime/gram.ts';
import { gramZarr, requireZarrFolder, type ZarrResult } from '../../runtime/gramZarr.ts';
import { openNpyWriter, printNested, saveArray } from '../../runtime/io/index.ts';
import type { CompiledKernel, DType, Inputs } from '../../runtime/kernel.ts';
import type { TargetOptions } from '../../runtime/load.ts';
import { version } from '../../version.ts';
import { compileKernel } from '../compileKernel.ts';
import { inFile, loadNetwork } from '../networkFile.ts';
import { requireWritable } from '../output.ts';
import { type Progress, startProgress } from '../progress.ts';
import { note, printJson, type Terminal } from '../terminal.ts';
import { bothInputs, formatOf, type InputFiles, requirePrintable } from './gramFiles.ts';
import { memoryPlan } from './gramMemory.ts';
import { gramSamples } from './gramSamples.ts';

export interface GramOptions extends InputFiles {
  readonly kernel: SingleKernel;
  readonly layerWeights?: readonly number[];
  readonly target: 'reference' | 'wasm' | 'tfjs';
  readonly tfjsBackend?: string;
  readonly dtype?: DType;
  readonly threads?: number;
  /** MB. */
  readonly memoryLimit?: number;
  readonly output?: string;
  /** Monte Carlo: random networks, their width, and the seed. */
  readonly samples?: number;
  readonly width?: number;
  readonly seed?: number;
  readonly json?: true;
}

/** Everything a Gram matrix is computed from. */
interface Job {
  readonly kernel: CompiledKernel;
  readonly x1: Inputs;
  readonly x2: Inputs | undefined;
  readonly shape: readonly [number, number];
  readonly dtype: DType;
  readonly tileBytes: number;
}

export async function gram(netFile: string, options: GramOptions, terminal: Terminal): Promise<number> {
  const started = performance.now();
  requireOptions(options);
  const format = formatOf(options.output);
  if (format === 'zarr') await requireZarrFolder(options.output as string);
  else requireWritable(options.output, [netFile, options.x1, options.x2, options.pattern1, options.pattern2]);
  const network = await loadNetwork(netFile);
  if (options.samples !== undefined) return gramSamples(netFile, network, options, terminal);
  const [x1, x2] = bothInputs(network, netFile, options);
  const shape = [x1.n, (x2 ?? x1).n] as const;
  requirePrintable(shape, options.output);
  const { kernel, worstBound } = watched(await compileKernel(network, netFile, options, targetOf(options)));
  const tileBytes = await inFile(netFile, () =>
    memoryPlan({
      kernel,
      target: options.target,
      limitMB: options.memoryLimit,
      inputs: x2 === undefined ? [x1] : [x1, x2],
      shape,
      format,
    }),
  );
  if ('note' in kernel) note(terminal, `note: ${kernel.note}`);
  if ((options.threads ?? 1) > 1 && options.target !== 'wasm')
    note(terminal, `note: ${kernel.target} runs on one thread`);
  const dtype = options.dtype ?? kernel.dtype;
  const progress = await startProgress(terminal, `${options.kernel} ${shape.join(' x ')}`);
  try {
    const result = await blaming(options, () =>
      compute({ kernel, x1, x2, shape, dtype, tileBytes }, options.output, progress),
    );
    progress.stop();
    const seconds = (performance.now() - started) / 1000;
    report({ options, shape, dtype, target: kernel.target, seconds, bound: worstBound(), ...result }, terminal);
  } finally {
    progress.stop();
    kernel.dispose();
  }
  return 0;
}

/** The kernel, with the largest truncation bound of the inputs it has prepared. */
function watched(kernel: CompiledKernel) {
  let bound = 0;
  const prepare = async (x: Inputs) => {
    const prepared = await kernel.prepare(x);
    bound = Math.max(bound, kernel.truncationBound?.(prepared) ?? 0);
    return prepared;
  };
  return { kernel: { ...kernel, prepare }, worstBound: () => bound };
}

/** What an error is about: the output, if it says so, else the inputs. */
async function blaming<T>({ x1, x2, output }: GramOptions, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof NtkcError) || (output !== undefined && error.where?.startsWith(output))) throw error;
    throw error.inFile([x1, x2].filter(Boolean).join(' and '));
  }
}

interface Computed {
  /** Nested lists, where there is no output. */
  readonly matrix?: string;
  readonly zarr?: ZarrResult;
}

/** Writes the matrix to `output`, or returns it. */
async function compute(job: Job, output: string | undefined, progress: Progress): Promise<Computed> {
  const { kernel, x1, x2, shape, dtype, tileBytes } = job;
  const options = { memoryLimitBytes: tileBytes, onProgress: progress.update };
  const format = formatOf(output);
  if (output !== undefined && format === 'zarr') {
    const onCheck = (done: number, all: number) => progress.update(done, all, 'checking earlier tiles');
    const { onProgress } = options;
    return { zarr: await gramZarr(output, kernel, x1, x2, { dtype, madeBy: `ntkc ${version}`, onCheck, onProgress }) };
  }
  if (output !== undefined && format === 'npy') {
    const writer = openNpyWriter(output, shape, dtype);
    try {
      await gramTo(writer, kernel, x1, x2, options);
      writer.finish();
    } finally {
      writer.abort();
    }
    return {};
  }
  const exact = await gramMatrix(kernel, x1, x2, options);
  const data = dtype === 'float32' ? Float32Array.from(exact) : exact;
  if (output === undefined) return { matrix: printNested(data, shape) };
  saveArray(output, data, shape);
  return {};
}

interface Outcome extends Computed {
  readonly options: GramOptions;
  readonly shape: readonly [number, number];
  readonly dtype: DType;
  readonly target: string;
  readonly seconds: number;
  /** Relative, of formula activations; 0 where all are closed forms. */
  readonly bound: number;
}

function report({ options, shape, dtype, target, seconds, bound, matrix, zarr }: Outcome, terminal: Terminal): void {
  const { kernel, output } = options;
  if (options.json) {
    const result = matrix === undefined ? { output } : { matrix: JSON.parse(matrix) as unknown };
    printJson(terminal, {
      kernel,
      target,
      dtype,
      shape,
      seconds: Number(seconds.toFixed(3)),
      truncationBound: bound,
      ...result,
      ...(zarr && { tiles: zarr.chunks, tilesKept: zarr.kept }),
    });
  } else if (matrix !== undefined) terminal.out(matrix);
  const what = `${kernel} [${shape.join(', ')}], ${target}, ${dtype}, ${seconds.toFixed(1)} s`;
  note(terminal, output === undefined ? what : `${output}: ${what}`);
  if (zarr !== undefined && zarr.kept > 0)
    note(terminal, `${zarr.kept} of ${zarr.chunks} tiles were there from an earlier run`);
  if (bound > 0) note(terminal, `formula activations: each leaves out at most ${bound.toExponential(1)} of its kernel`);
}

function requireOptions({ dtype, target, tfjsBackend, samples, width, seed }: GramOptions): void {
  if (samples === undefined && (width ?? seed) !== undefined)
    throw new NtkcError({ what: '--width and --seed are for --samples', next: 'Add --samples, or leave them out.' });
  if (target === 'tfjs' && dtype === 'float64')
    throw new NtkcError({
      what: '--target tfjs computes in float32',
      where: '--dtype float64',
      expected: 'float32',
      next: 'Leave --dtype out, or use --target reference.',
    });
  if (target !== 'tfjs' && tfjsBackend !== undefined)
    throw new NtkcError({ what: '--tfjs-backend is for --target tfjs', next: 'Add --target tfjs.' });
}

const targetOf = ({ target, tfjsBackend, dtype, threads }: GramOptions): TargetOptions => ({
  target,
  ...(target === 'wasm' && dtype !== undefined && { dtype }),
  ...(threads !== undefined && { threads }),
  ...(tfjsBackend !== undefined && { tfjsBackend }),
});
