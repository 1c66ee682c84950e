import { extname } from 'node:path';
import { derive as deriveKernel } from '../../derive/index.ts';
import { NtkcError } from '../../errors.ts';
import type { KernelName } from '../../ir/program/index.ts';
import { inFile, loadNetwork } from '../networkFile.ts';
import { writeText } from '../output.ts';
import type { Terminal } from '../terminal.ts';

type Format = 'text' | 'latex' | 'json' | 'html';

export interface DeriveOptions {
  readonly kernel: KernelName;
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
  const network = await loadNetwork(file);
  const derivation = await inFile(file, () => deriveKernel(network, options.kernel));
  const ending = extname(options.output ?? '').toLowerCase();
  const print: Readonly<Record<Format, () => string | Promise<string>>> = {
    text: () => derivation.toText(),
    latex: () => derivation.toLatex({ document: ending === '.tex' }),
    json: () => JSON.stringify(derivation.toJson(), null, options.output === undefined ? 0 : 2),
    html: () => derivation.toHtml(),
  };
  writeText(await print[format](), options.output, terminal);
  return 0;
}

function formatOf({ format, json, output }: DeriveOptions): Format {
  if (json && format !== undefined && format !== 'json')
    throw new NtkcError({ what: `--json and --format ${format} contradict each other`, next: 'Leave one out.' });
  return format ?? (json ? 'json' : (formatOfEnding[extname(output ?? '').toLowerCase()] ?? 'text'));
}
