import { extname } from 'node:path';
import { derive } from '../../derive/index.ts';
import { NtkcError } from '../../errors.ts';
import {
  type GenerateOptions as Format,
  generateHierarchy,
  generate as generateSource,
  type SourceTarget,
} from '../../generate.ts';
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
  const format = target === 'wasm' ? wasmFormat(kernel, output) : {};
  if (target !== 'wasm' && output !== undefined) requireLanguage(target, output);
  requireWritable(output, [file]);
  const network = await loadNetwork(file);
  const source = await interruptible(() => inFile(file, () => sourceOf(network, options, format)));
  if (output !== undefined || !options.json) writeText(source, output, describe(target, format), terminal);
  if (options.json) {
    const result = output === undefined ? { source } : { output };
    printJson(terminal, { network: network.name, kernel, target, ...result });
  }
  return 0;
}

const describe = (target: SourceTarget, { wasmFormat }: Format): string =>
  `${wasmFormat === 'wat' ? 'text' : 'module'} of target ${target}`;

const languages = {
  tfjs: { name: 'TypeScript', endings: ['.ts', '.mts'], next: 'JavaScript is --target reference or wasm.' },
  reference: { name: 'JavaScript', endings: ['.js', '.mjs'], next: 'TypeScript is --target tfjs.' },
} as const;

/** Throws NtkcError where the output's ending says another language: types in a .js file would not run. */
function requireLanguage(target: keyof typeof languages, output: string): void {
  const ending = extname(output).toLowerCase();
  const { name, endings, next } = languages[target];
  if (ending === '' || endings.some((e) => e === ending)) return;
  throw new NtkcError({
    what: `--target ${target} writes ${name}, no ${JSON.stringify(ending)}`,
    where: output,
    expected: endings.join(' or '),
    next,
  });
}

/** By the ending of the output; of the hierarchy there is no text of one tile. */
function wasmFormat(kernel: GenerateOptions['kernel'], output?: string): Format {
  const isHierarchy = isOfHierarchy(kernel);
  const ending = extname(output ?? (isHierarchy ? 'kernel.js' : 'kernel.wat')).toLowerCase();
  if (ending === '.wat' && !isHierarchy) return { wasmFormat: 'wat' };
  if (ending === '.js' || ending === '.mjs') return { wasmFormat: 'js' };
  throw new NtkcError({
    what: `--target wasm writes no ${JSON.stringify(ending)}${isHierarchy ? ` for --kernel ${kernel}` : ''}`,
    where: `${output}`,
    expected: `${isHierarchy ? '' : '.wat (the text of the tile) or '}.js (a module that runs it)`,
  });
}

async function sourceOf(
  network: Network,
  { kernel, target, width, samples, maxTerms }: GenerateOptions,
  format: Format,
): Promise<string> {
  if (isOfHierarchy(kernel)) {
    return generateHierarchy(network, Number(kernel.slice(1)), target, {
      ...(width !== undefined && { width }),
      ...(samples !== undefined && { samples }),
      ...(maxTerms !== undefined && { maxTerms }),
    });
  }
  const odd = Object.entries({ '--width': width, '--samples': samples, '--max-terms': maxTerms }).filter(
    ([, value]) => value !== undefined,
  );
  if (odd.length > 0)
    throw new NtkcError({
      what: `${odd.map(([option]) => option).join(' and ')} for --kernel ${kernel}`,
      expected: '--kernel k2 to k8: kernels of a finite network',
    });
  return generateSource(derive(network, kernel), target, format);
}
