import { Option } from 'commander';
import { singleKernels } from '../ir/program/program.ts';
import type { VerifyOptions } from './commands/verify.ts';
import { command, type Declare, higherKernels, jsonOption, layerWeightsOption, netHelp } from './declare.ts';
import { severalOf, wholeNumber, widthList } from './options.ts';

/** Kernels that verify checks. */
const verifiedKernels = [...singleKernels, 'k3', 'k4'] as const;

export const verify: Declare = (program, terminal, done) => {
  command(
    program,
    'verify',
    [
      'check kernels against laws and finite networks',
      'Monte Carlo with error bars; K3 and K4 by terms, jets and finite differences. Exit status 1 if a check fails.',
    ],
    'ntkc verify net.json\nntkc verify net.json --kernel ntk --widths 64,256,1024 --samples 100 -o report.html\nntkc verify net.json --kernel k3,k4',
  )
    .argument('<NET>', netHelp)
    .addOption(
      new Option('--kernel <k1,k2,...>', `of ${verifiedKernels.join(', ')} (default: all)`).argParser(
        severalOf('--kernel', verifiedKernels, higherKernels),
      ),
    )
    .addOption(
      new Option(
        '--widths <w1,w2,...>',
        'widths of the finite networks (default: 64,256,1024; narrower where inputs have positions)',
      ).argParser(widthList('--widths')),
    )
    .addOption(
      new Option(
        '--samples <N>',
        'networks of each width (default: as many as one idle core does in 10 s, 30 s where inputs have positions)',
      ).argParser(wholeNumber('--samples', 4)),
    )
    .addOption(new Option('--seed <S>', 'seed of the networks').argParser(wholeNumber('--seed', 0)).default(0))
    .addOption(layerWeightsOption('weights of the layers in the wntk (default: all different, so that a swap shows)'))
    .option(
      '--targets <t1,t2,...>',
      'compare these targets with the reference: wasm, tfjs, tfjs:cpu, tfjs:wasm, ... (default: wasm)',
    )
    .option('-o, --output <report.html>', 'write a report with plots')
    .addOption(jsonOption('the whole report'))
    .action(async (net: string, options: VerifyOptions) => {
      const { verify } = await import('./commands/verify.ts');
      done(await verify(net, options, terminal));
    });
};
