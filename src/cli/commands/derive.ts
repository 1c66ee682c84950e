import { extname } from 'node:path';
import { derive as deriveKernel } from '../../derive/index.ts';
import { NtkcError } from '../../errors.ts';
import type { KernelName } from '../../ir/program/index.ts';
import { inFile, loadNetwork } from '../networkFile.ts';
import { requireWritable, writeText } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import { deriveCost } from './deriveCost.ts';
import { deriveExpected } from './deriveExpected.ts';
import { deriveHierarchy } from './deriveHierarchy.ts';

export type Format = 'text' | 'latex' | 'json' | 'html';

/** K_r: a kernel of the neural tangent hierarchy. */
export type HierarchyKernel = `k${number}`;

export interface DeriveOptions {
  readonly kernel: KernelName | HierarchyKernel;
  /** For kernels of the hierarchy. */
  readonly maxTerms?: number;
  /** For k2 and k4: the expectation at initialisation. */
  readonly expected?: true;
  /** Of a Gram matrix of n samples, instead of the derivation. */
  readonly cost?: true;
  readonly n?: number;
  readonly format?: Format;
  readonly output?: string;
  readonly json?: true;
}

const formatOfEnding: Readonly<Record<string, Format>> = {
  '.txt': 'text',
  '.tex': 'latex',
  '.json': 'json',
  '.html': 'html',
  '.htm': 'html',
};

export async function derive(file: string, options: DeriveOptions, terminal: Terminal): Promise<number> {
  const format = formatOf(options);
  const { kernel } = options;
  const ending = extname(options.output ?? '').toLowerCase();
  if (options.n !== undefined && !options.cost)
    throw new NtkcError({ what: '--n without --cost', expected: '--cost, what a Gram matrix of n samples costs' });
  if (options.cost) return deriveCost(file, { ...options, format }, terminal);
  if (options.expected) return deriveExpected(file, { ...options, format }, terminal);
  if (isOfHierarchy(kernel))
    return deriveHierarchy(file, Number(kernel.slice(1)), { ...options, format, ending }, terminal);
  if (options.maxTerms !== undefined)
    throw new NtkcError({ what: `--max-terms does not apply to --kernel ${kernel}`, expected: '--kernel k2 to k8' });
  requireWritable(options.output, [file]);
  const network = await loadNetwork(file);
  const derivation = await inFile(file, () => deriveKernel(network, kernel));
  const print: Readonly<Record<Format, () => string | Promise<string>>> = {
    text: () => derivation.toText(),
    latex: () => derivation.toLatex({ document: ending === '.tex' }),
    json: () => JSON.stringify(derivation.toJson(), null, options.output === undefined ? 0 : 2),
    html: () => derivation.toHtml(),
  };
  writeText(await print[format](), options.output, `${kernel} of ${network.name}, ${format}`, terminal);
  return 0;
}

export const isOfHierarchy = (kernel: KernelName | HierarchyKernel): kernel is HierarchyKernel => /^k\d$/.test(kernel);

function formatOf({ format, json, output }: DeriveOptions): Format {
  if (json && format !== undefined && format !== 'json')
    throw new NtkcError({ what: `--json and --format ${format} contradict each other`, next: 'Leave one out.' });
  return format ?? (json ? 'json' : (formatOfEnding[extname(output ?? '').toLowerCase()] ?? 'text'));
}
