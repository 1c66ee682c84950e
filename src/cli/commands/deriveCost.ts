import { bytesPerSecond, estimateCost, flopsPerSecond, printCost } from '../../codegen/plan/index.ts';
import { wasmCost } from '../../codegen/targets/wasm/index.ts';
import { derive as deriveKernel } from '../../derive/index.ts';
import { NtkcError } from '../../errors.ts';
import { kernelNames } from '../../ir/program/program.ts';
import { inFile, loadNetwork } from '../networkFile.ts';
import { requireWritable, writeText } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import type { DeriveOptions, Format } from './derive.ts';

/** What a Gram matrix of the kernel costs on the wasm target, before anything runs. */
export async function deriveCost(
  file: string,
  { kernel, n = 1000, expected, maxTerms, format, output }: DeriveOptions & { readonly format: Format },
  terminal: Terminal,
): Promise<number> {
  const name = kernelNames.find((known) => known === kernel);
  if (name === undefined)
    throw new NtkcError({ what: `--cost does not apply to --kernel ${kernel}`, expected: kernelNames.join(', ') });
  const odd = expected ? '--expected' : maxTerms !== undefined ? '--max-terms' : undefined;
  if (odd !== undefined)
    throw new NtkcError({ what: `${odd} and --cost contradict each other`, next: 'Leave one out.' });
  if (format !== 'text' && format !== 'json')
    throw new NtkcError({ what: `--format ${format} with --cost`, expected: 'text or json' });
  requireWritable(output, [file]);
  const network = await loadNetwork(file);
  const cost = await inFile(file, () => wasmCost(deriveKernel(network, name).program));
  const estimate = estimateCost(cost, n, n, true);
  const { coefficients, seconds, flops } = estimate;
  const text = [
    `${name} of ${JSON.stringify(network.name)} on the wasm target, a Gram matrix of n = ${n}`,
    printCost(cost, n, n, true).trimEnd(),
    ...(cost.flopsPerCoefficient === 0
      ? []
      : [
          `${(flops / 1e9).toPrecision(3)} Gflop where each series takes ${coefficients} coefficients, as correlations of 1/2 do`,
        ]),
    `about ${duration(seconds)} on one thread, at ${flopsPerSecond / 1e9} Gflop/s and ${bytesPerSecond / 1e9} GB/s of output`,
  ].join('\n');
  const json = { network: network.name, kernel: name, target: 'wasm', n, ...cost, ...estimate };
  writeText(format === 'json' ? JSON.stringify(json) : text, output, `cost of ${name}, n = ${n}, ${format}`, terminal);
  return 0;
}

/** One digit, in a unit that is read at a glance: "0.01 s", "9 hours". */
function duration(seconds: number): string {
  const units = [
    { name: 'days', seconds: 86400 },
    { name: 'hours', seconds: 3600 },
    { name: 'minutes', seconds: 60 },
  ];
  const unit = units.find((u) => seconds >= 2 * u.seconds) ?? { name: 's', seconds: 1 };
  return `${Number((seconds / unit.seconds).toPrecision(1))} ${unit.name}`;
}
