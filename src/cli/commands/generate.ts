import { derive } from '../../derive/index.ts';
import { NtkcError } from '../../errors.ts';
import { generateHierarchy, generate as generateSource, type SourceTarget } from '../../generate.ts';
import type { Network } from '../../ir/arch/index.ts';
import type { KernelName } from '../../ir/program/index.ts';
import { interruptible } from '../interruptible.ts';
import { inFile, loadNetwork } from '../networkFile.ts';
import { requireWritable, writeText } from '../output.ts';
import { printJson, type Terminal } from '../terminal.ts';
import { type HierarchyKernel, isOfHierarchy } from './derive.ts';

export interface GenerateOptions {
  readonly kernel: KernelName | HierarchyKernel;
  readonly target: SourceTarget;
  /** The rest but the output is for kernels of the hierarchy. */
  readonly width?: number;
  readonly samples?: number;
  readonly maxTerms?: number;
  readonly output?: string;
  readonly json?: true;
}

export async function generate(file: string, options: GenerateOptions, terminal: Terminal): Promise<number> {
  const { kernel, target, output } = options;
  requireWritable(output, [file]);
  const network = await loadNetwork(file);
  const source = await interruptible(() => inFile(file, () => sourceOf(network, options)));
  if (output !== undefined || !options.json) writeText(source, output, terminal);
  if (options.json) {
    const result = output === undefined ? { source } : { output };
    printJson(terminal, { network: network.name, kernel, target, ...result });
  }
  return 0;
}

async function sourceOf(
  network: Network,
  { kernel, target, width, samples, maxTerms }: GenerateOptions,
): Promise<string> {
  if (isOfHierarchy(kernel))
    return generateHierarchy(network, Number(kernel.slice(1)), target, {
      ...(width !== undefined && { width }),
      ...(samples !== undefined && { samples }),
      ...(maxTerms !== undefined && { maxTerms }),
    });
  const odd = Object.entries({ '--width': width, '--samples': samples, '--max-terms': maxTerms }).filter(
    ([, value]) => value !== undefined,
  );
  if (odd.length > 0)
    throw new NtkcError({
      what: `${odd.map(([option]) => option).join(' and ')} for --kernel ${kernel}`,
      expected: '--kernel k2 to k8: kernels of a finite network',
    });
  return generateSource(derive(network, kernel), target);
}
