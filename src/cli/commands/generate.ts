import { derive } from '../../derive/index.ts';
import { generate as generateSource, type SourceTarget } from '../../generate.ts';
import type { KernelName } from '../../ir/program/index.ts';
import { inFile, loadNetwork } from '../networkFile.ts';
import { requireWritable, writeText } from '../output.ts';
import { printJson, type Terminal } from '../terminal.ts';

export interface GenerateOptions {
  readonly kernel: KernelName;
  readonly target: SourceTarget;
  readonly output?: string;
  readonly json?: true;
}

export async function generate(file: string, options: GenerateOptions, terminal: Terminal): Promise<number> {
  const { kernel, target, output } = options;
  requireWritable(output, [file]);
  const network = await loadNetwork(file);
  const source = await inFile(file, () => generateSource(derive(network, kernel), target));
  if (output !== undefined || !options.json) writeText(source, output, terminal);
  if (options.json) {
    const result = output === undefined ? { source } : { output };
    printJson(terminal, { network: network.name, kernel, target, ...result });
  }
  return 0;
}
