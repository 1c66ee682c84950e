import { Option } from 'commander';
import type { HierarchyOptions } from './commands/hierarchyOptions.ts';
import { command, type Declare, jsonOption, netHelp } from './declare.ts';
import { oneOf, positiveNumber, wholeNumber } from './options.ts';

const hierarchyTargets = ['wasm', 'reference', 'tfjs'] as const;

export const hierarchy: Declare = (program, terminal, done) => {
  command(
    program,
    'hierarchy',
    [
      'compute kernels of the neural tangent hierarchy',
      'K2 = <grad f, grad f> is the NTK, K3 = <grad K2, grad f> its change in training, and so on. One value for each ' +
        'tuple of indices into x; the length of a tuple is the order. Or, with weights of n samples, a matrix: ' +
        'V[a b] = sum_g K3(a, b, g) r[g], the velocity of the NTK in training, or M[a b] = sum_gh K4(a, b, g, h) C[g h].',
    ],
    'ntkc hierarchy net.json --x x.json --tuples tuples.json --parameters trained.json -o k.json',
  )
    .argument('<NET>', netHelp)
    .requiredOption('--x <file>', 'samples [n, ...shape], .json (nested lists) or .npy')
    .option(
      '--pattern <file>',
      'of networks with aggregate: the patterns of x, [n, positions, positions], .json or .npy; in .json also {"edges": [[from, to, weight], ..]}',
    )
    .option('--tuples <file>', 'list of tuples, such as [[0, 1], [0, 1, 2], [0, 1, 2, 2]]')
    .option(
      '--contract <file>',
      'instead, weights: r [n] sums K3 over its last sample, C [n, n] sums K4 over its last two',
    )
    .option(
      '--parameters <file>',
      'of the finite network whose K it is: a list with {"W": [[...]], "b": [...]} for each layer with parameters; ' +
        'widths are those of W',
    )
    .addOption(
      new Option(
        '--target <name>',
        'with --parameters and --contract: wasm (float64, all cores), reference (float64) or tfjs (float32) (default: "wasm")',
      ).argParser(oneOf('--target', hierarchyTargets, /^webgpu$/)),
    )
    .option(
      '--expected',
      'instead, the expectation at initialisation: E K2, 0, width times E K4 (two layers: at any width; more: at large widths)',
    )
    .addOption(
      new Option(
        '--coincident <what>',
        'with --expected, at tuples of coinciding samples where an activation with a kink has no value: refuse, or exclude ' +
          '(count as 0)',
      ).argParser(oneOf('--coincident', ['refuse', 'exclude'])),
    )
    .addOption(
      new Option(
        '--smoothing <epsilon>',
        'with --expected, smooth an activation with a kink by a Gaussian of this standard deviation',
      ).argParser(positiveNumber('--smoothing')),
    )
    .addOption(
      new Option(
        '--samples <n>',
        'with --expected --contract C, a mean over this many sampled neurons instead of the sum over n^4 tuples',
      ).argParser(wholeNumber('--samples', 2)),
    )
    .addOption(new Option('--seed <n>', 'of the sampled neurons; 0 unless given').argParser(wholeNumber('--seed', 0)))
    .option('--standard-error <file>', 'write the standard errors of that mean, [n, n], .json or .npy')
    .option('-o, --output <file>', '.json or .npy; without it the values are printed as JSON')
    .addOption(jsonOption('what was computed (without -o, with the values)'))
    .action(async (net: string, options: HierarchyOptions) => {
      const { hierarchy } = await import('./commands/hierarchy.ts');
      done(await hierarchy(net, options, terminal));
    });
};
