/** What declarations of commands share. */
import { type Command, Option } from 'commander';
import { numberList } from './options.ts';
import type { Terminal } from './terminal.ts';

/** Adds one command to the program; its action reports its exit status by `done`. */
export type Declare = (program: Command, terminal: Terminal, done: (status: number) => void) => void;

/** Kernels of the hierarchy. */
export const higherKernels = /^k\d+$/;
export const netHelp = 'network: .json, or a .ts or .js module with a default export';
const layerWeightsHelp = 'weights of the layers in the wntk, in order, e.g. 1,0.5,1 (default: their ntkWeight)';

export const layerWeightsOption = (help = layerWeightsHelp) =>
  new Option('--layer-weights <w1,w2,...>', help).argParser(numberList('--layer-weights'));
export const jsonOption = (what: string) => new Option('--json', `print ${what} as one JSON object`);

/** Head of a command: description, --help and an example. */
export const command = (
  program: Command,
  name: string,
  [summary, more]: readonly [string, string],
  example: string,
): Command =>
  program
    .command(name)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}. ${more}`.trim())
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${example.includes('\n') ? 'Examples' : 'Example'}:\n${example.replace(/^/gm, '  $ ')}`);
