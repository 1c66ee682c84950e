/** `ntkc gram --samples`: a kernel of random finite networks, with standard errors. */
import { NtkcError } from '../../errors.ts';
import type { Network } from '../../ir/arch/index.ts';
import { printNested, saveArray } from '../../runtime/io/index.ts';
import { type SampledKernel, sampledKernel } from '../../sampledKernel.ts';
import { inFile } from '../networkFile.ts';
import { startProgress } from '../progress.ts';
import { note, printJson, type Terminal } from '../terminal.ts';
import type { GramOptions } from './gram.ts';
import { bothInputs, formatOf, requirePrintable } from './gramFiles.ts';

export async function gramSamples(
  netFile: string,
  network: Network,
  options: GramOptions,
  terminal: Terminal,
): Promise<number> {
  const { kernel, output, samples = 0, width = 256, seed = 0, layerWeights, json } = options;
  if (output !== undefined && formatOf(output) === 'zarr')
    throw new NtkcError({
      what: 'sampled kernels are not written tile by tile',
      where: output,
      expected: '.npy or .json',
    });
  const [x1, x2] = bothInputs(network, netFile, options);
  const shape = [x1.n, (x2 ?? x1).n] as const;
  requirePrintable(shape, output);
  const progress = await startProgress(terminal, `${samples} networks of width ${width}`);
  try {
    const onSample = (done: number, all: number) => progress.update(done, all);
    const settings = { kernel, width, samples, seed, onSample, ...(layerWeights && { layerWeights }) };
    const sampled = await inFile(netFile, () => sampledKernel(network, x1, x2, settings));
    progress.stop();
    const relative = worst(sampled);
    const error = output === undefined ? undefined : errorFile(output);
    if (output !== undefined && error !== undefined) {
      saveArray(output, sampled.mean, shape);
      saveArray(error, sampled.standardError, shape);
    }
    const nested = (k: Float64Array) => printNested(k, shape);
    if (json)
      printJson(terminal, {
        kernel,
        estimate: 'Monte Carlo',
        samples,
        width,
        seed,
        shape,
        largestStandardError: relative,
        ...(output === undefined
          ? { matrix: JSON.parse(nested(sampled.mean)), standardError: JSON.parse(nested(sampled.standardError)) }
          : { output, standardError: error }),
      });
    else if (output === undefined) terminal.out(nested(sampled.mean));
    const what = `${kernel} [${shape.join(', ')}], Monte Carlo: mean of ${samples} networks of width ${width}, not the limit`;
    note(terminal, output === undefined ? what : `${output}: ${what}`);
    note(
      terminal,
      `standard errors${error === undefined ? '' : ` in ${error}`}: at most ${(100 * relative).toPrecision(2)} % of the largest entry`,
    );
  } finally {
    progress.stop();
  }
  return 0;
}

/** k.npy has its standard errors in k.se.npy. */
const errorFile = (output: string): string => output.replace(/(\.\w+)$/, '.se$1');

function worst({ mean, standardError }: SampledKernel): number {
  const largest = mean.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return largest === 0 ? 0 : standardError.reduce((most, v) => Math.max(most, v), 0) / largest;
}
