import { derive } from '../../derive/index.ts';
import { NtkcError } from '../../errors.ts';
import type { Network } from '../../ir/arch/index.ts';
import { atomicWriteFile } from '../../runtime/io/index.ts';
import { checkedWeights } from '../../runtime/layerWeights.ts';
import { reportHtml, type VerifiedKernel, verify as verifyNetwork, verifyTable } from '../../verify/index.ts';
import { inFile, loadNetwork } from '../networkFile.ts';
import { requireWritable } from '../output.ts';
import { progressLines, startProgress } from '../progress.ts';
import { note, printJson, type Terminal } from '../terminal.ts';

export interface VerifyOptions {
  readonly kernel?: readonly VerifiedKernel[];
  readonly widths?: readonly number[];
  readonly samples?: number;
  readonly seed: number;
  readonly layerWeights?: readonly number[];
  /** As written: a list with commas. */
  readonly targets?: string;
  readonly output?: string;
  readonly json?: true;
}

/** Exit status 1 if a law fails or a kernel disagrees with its finite networks. */
export async function verify(netFile: string, options: VerifyOptions, terminal: Terminal): Promise<number> {
  const { kernel, widths, samples, seed, layerWeights, targets, output } = options;
  if (output !== undefined && !/\.html?$/i.test(output))
    throw new NtkcError({ what: 'the report is HTML', where: output, expected: 'a name ending in .html' });
  requireWritable(output, [netFile]);
  const network = await loadNetwork(netFile);
  if (layerWeights !== undefined) await requireWeights(network, netFile, layerWeights);
  const progress = terminal.errIsTerminal ? await startProgress(terminal, 'laws') : progressLines(terminal);
  try {
    const report = await inFile(netFile, () =>
      verifyNetwork(network, {
        seed,
        ...(kernel !== undefined && { kernels: kernel }),
        ...(widths !== undefined && { widths }),
        ...(samples !== undefined && { samples }),
        ...(layerWeights !== undefined && { layerWeights }),
        ...(targets !== undefined && { targets: targets.split(',').map((t) => t.trim()) }),
        dynamics: output !== undefined,
        onProgress: ({ stage, done, total }) => progress.update(done, total, stage),
      }),
    );
    progress.stop();
    if (options.json) printJson(terminal, report);
    else terminal.out(`${verifyTable(report).trimEnd()}\n`);
    if (output !== undefined) {
      atomicWriteFile(output, await reportHtml(report));
      note(terminal, `${output}: report with plots`);
    }
    return report.passed ? 0 : 1;
  } finally {
    progress.stop();
  }
}

async function requireWeights(network: Network, netFile: string, weights: readonly number[]): Promise<void> {
  const { program } = await inFile(netFile, () => derive(network, 'wntk'));
  await inFile('--layer-weights', () => checkedWeights(program, weights));
}
