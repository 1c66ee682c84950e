/** Names, options and help of every command. Nothing heavy is imported before an action runs. */
import { Option } from 'commander';
import { type KernelName, kernelNames, singleKernels } from '../ir/program/program.ts';
import type { CheckOptions } from './commands/check.ts';
import type { DeriveOptions } from './commands/derive.ts';
import type { FitOptions } from './commands/fit.ts';
import type { GenerateOptions } from './commands/generate.ts';
import type { GramOptions } from './commands/gram.ts';
import type { PredictOptions } from './commands/predict.ts';
import { command, type Declare, higherKernels, jsonOption, layerWeightsOption, netHelp } from './declare.ts';
import { hierarchy } from './declareHierarchy.ts';
import { verify } from './declareVerify.ts';
import { kernelOrOrder, nameList, oneOf, positiveNumber, ridge, wholeNumber } from './options.ts';

/** K_r of the neural tangent hierarchy, as terms. */
const hierarchyKernels = ['k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8'] as const;
const kernelOption = (names: readonly KernelName[]) =>
  new Option('--kernel <name>', names.join(', '))
    .argParser(oneOf('--kernel', names, higherKernels, 'is of the hierarchy, which ntkc hierarchy computes'))
    .default('ntk', 'ntk');
const anyKernelOption = () =>
  new Option(
    '--kernel <name>',
    `${kernelNames.join(', ')}, or k2 to k8: a kernel of the hierarchy of the finite network`,
  )
    .argParser(kernelOrOrder('--kernel', [...kernelNames, ...hierarchyKernels]))
    .default('ntk', 'ntk');
const maxTermsOption = () =>
  new Option('--max-terms <count>', 'k2 to k8: most terms before like ones are merged (default: 500000)').argParser(
    wholeNumber('--max-terms', 1),
  );

const check: Declare = (program, terminal, done) => {
  command(
    program,
    'check',
    [
      'check a network and print what it supports',
      'Prints layers with shapes, parameter layers with their weights, kernels and targets.',
    ],
    'ntkc check net.json',
  )
    .argument('<NET>', netHelp)
    .addOption(jsonOption('the result'))
    .action(async (net: string, options: CheckOptions) => {
      const { check } = await import('./commands/check.ts');
      done(await check(net, options, terminal));
    });
};

const derive: Declare = (program, terminal, done) => {
  const formats = ['text', 'latex', 'json', 'html'] as const;
  command(
    program,
    'derive',
    ['derive a kernel step by step', 'Each step names its rule and its source.'],
    'ntkc derive net.json --kernel wntk\nntkc derive net.ts -o derivation.html\nntkc derive net.json --kernel k4\nntkc derive net.json --cost --n 2000',
  )
    .argument('<NET>', netHelp)
    .addOption(anyKernelOption())
    .addOption(maxTermsOption())
    .option('--expected', 'k2 and k4: the expectation at initialisation, in closed form, instead of the terms')
    .option(
      '--cost',
      'instead of the derivation, what a Gram matrix costs on the wasm target: flops, bytes, about how long',
    )
    .addOption(
      new Option('--n <count>', 'samples of that Gram matrix (default: 1000)').argParser(wholeNumber('--n', 1)),
    )
    .addOption(
      new Option(
        '--format <name>',
        `${formats.join(', ')} (default: by the ending of -o: .txt, .tex, .json, .html; else text)`,
      ).argParser(oneOf('--format', formats)),
    )
    .option('-o, --output <file>', 'write to a file; LaTeX in a .tex file is a whole document')
    .addOption(new Option('--json', 'the same as --format json'))
    .action(async (net: string, options: DeriveOptions) => {
      const { derive } = await import('./commands/derive.ts');
      done(await derive(net, options, terminal));
    });
};

const generate: Declare = (program, terminal, done) => {
  const targets = ['tfjs', 'reference', 'wasm'] as const;
  command(
    program,
    'generate',
    ['write the source of a kernel', 'A standalone module that does not need ntkc.'],
    'ntkc generate net.json --target tfjs -o kernel.ts\nntkc generate net.json --target wasm -o kernel.js\nntkc generate net.json --kernel k4 --target reference --width 512 -o k4.js',
  )
    .argument('<NET>', netHelp)
    .addOption(anyKernelOption())
    .addOption(
      new Option(
        '--target <name>',
        'tfjs (TypeScript for @tensorflow/tfjs-core), reference (JavaScript, float64), wasm (fused SIMD, float64: its text, .wat, or a .js module that runs it)',
      )
        .argParser(oneOf('--target', targets, /^wgsl$/))
        .default('tfjs', 'tfjs'),
    )
    .addOption(
      new Option('--width <N>', 'k2 to k8: width of layers that declare none (default: 1024)').argParser(
        wholeNumber('--width', 1),
      ),
    )
    .addOption(
      new Option(
        '--samples <n>',
        'k2 to k8: number of samples that contractions are planned for; the code holds for any (default: 100)',
      ).argParser(wholeNumber('--samples', 1)),
    )
    .addOption(maxTermsOption())
    .option('-o, --output <file>', 'write to a file; of wasm .wat or .js')
    .addOption(jsonOption('the source with its kernel and target'))
    .action(async (net: string, options: GenerateOptions) => {
      const { generate } = await import('./commands/generate.ts');
      done(await generate(net, options, terminal));
    });
};

const gram: Declare = (program, terminal, done) => {
  command(
    program,
    'gram',
    ['compute a Gram matrix', 'Of one set of inputs with itself, or of two.'],
    'ntkc gram net.json --x1 train.npy -o k.npy\nntkc gram net.json --x1 train.npy --target wasm -o k.zarr\nntkc gram net.json --x1 test.json --x2 train.json --kernel wntk --layer-weights 1,0,1 -o k.json',
  )
    .argument('<NET>', netHelp)
    .requiredOption('--x1 <file>', 'inputs [n, ...shape], .json (nested lists) or .npy')
    .option('--x2 <file>', 'the other inputs (default: x1, and a symmetric matrix)')
    .option(
      '--pattern1 <file>',
      'of networks with aggregate: the patterns of x1, [n, positions, positions], .json or .npy; in .json also {"edges": [[from, to, weight], ..]}',
    )
    .option('--pattern2 <file>', 'the patterns of x2')
    .addOption(kernelOption(singleKernels))
    .addOption(layerWeightsOption())
    .addOption(
      new Option('--target <name>', 'reference (float64), wasm (float64 or float32, the fastest), tfjs (float32)')
        .argParser(oneOf('--target', ['wasm', 'reference', 'tfjs'], /^webgpu$/))
        .default('wasm', 'wasm'),
    )
    .option('--tfjs-backend <name>', 'tensorflow, wasm or cpu (default: the first of these that is there)')
    .addOption(
      new Option(
        '--dtype <name>',
        'float64, float32: what is stored, and what wasm computes in (default: float64, tfjs float32); reference computes in float64',
      ).argParser(oneOf('--dtype', ['float64', 'float32'])),
    )
    .addOption(
      new Option('--threads <n>', 'threads of wasm (default: all cores); reference and tfjs use one of ours').argParser(
        wholeNumber('--threads', 1),
      ),
    )
    .addOption(
      new Option(
        '--memory-limit <MB>',
        'refuse, rather than exceed, this much memory; a .npy or .zarr output needs little at any size',
      ).argParser(positiveNumber('--memory-limit')),
    )
    .addOption(
      new Option(
        '--samples <count>',
        'estimate the kernel from so many random networks instead, also where it has no formula; standard errors go to FILE.se.npy or .json',
      ).argParser(wholeNumber('--samples', 2)),
    )
    .addOption(
      new Option('--width <m>', 'with --samples: their width (default: 256)').argParser(wholeNumber('--width', 1)),
    )
    .addOption(new Option('--seed <s>', 'with --samples (default: 0)').argParser(wholeNumber('--seed', 0)))
    .option(
      '-o, --output <file>',
      '.npy, .zarr (a folder of tiles: the same command again goes on where it was stopped) or .json; without it a small matrix is printed as JSON',
    )
    .addOption(jsonOption('what was computed (without -o, with the matrix)'))
    .action(async (net: string, options: GramOptions) => {
      const { gram } = await import('./commands/gram.ts');
      done(await gram(net, options, terminal));
    });
};

const fit: Declare = (program, terminal, done) => {
  command(
    program,
    'fit',
    [
      'kernel regression or classification on a table',
      'Cross-validated; features are standardised on each training fold.',
    ],
    'ntkc fit net.json --data haberman.csv --label y --folds 5\nntkc fit net.json --data haberman.csv --label y --save model.json\nntkc fit net.json --data people.csv --label income --drop id,city',
  )
    .argument('<NET>', netHelp)
    .requiredOption(
      '--data <file.csv>',
      'table with a header; every column but the label is a feature, a number in each row',
    )
    .requiredOption('--label <column>', 'the column to predict')
    .addOption(
      new Option('--drop <c1,c2,...>', 'columns that are no features: names, cities, dates').argParser(
        nameList('--drop'),
      ),
    )
    .addOption(kernelOption(singleKernels))
    .addOption(layerWeightsOption())
    .addOption(
      new Option('--ridge <R>', 'added to the diagonal; relative:R is R times the mean of the diagonal')
        .argParser(ridge('--ridge'))
        .default({ kind: 'absolute', value: 0.1 }, '0.1'),
    )
    .addOption(
      new Option('--folds <K>', 'folds of the cross-validation').argParser(wholeNumber('--folds', 2)).default(5),
    )
    .addOption(new Option('--seed <S>', 'seed of the shuffle').argParser(wholeNumber('--seed', 0)).default(0))
    .addOption(
      new Option('--task <name>', 'auto, classification, regression; auto: few distinct whole numbers are classes')
        .argParser(oneOf('--task', ['auto', 'classification', 'regression']))
        .default('auto', 'auto'),
    )
    .addOption(
      new Option('--target <name>', 'reference, wasm (the fastest); both float64')
        .argParser(oneOf('--target', ['wasm', 'reference']))
        .default('wasm', 'wasm'),
    )
    .addOption(
      new Option('--dtype <name>', 'float64, float32 (with wasm, faster): what kernels are computed in')
        .argParser(oneOf('--dtype', ['float64', 'float32']))
        .default('float64', 'float64'),
    )
    .option('--save <model>', 'also fit all rows and save the model (JSON) for ntkc predict')
    .addOption(jsonOption('the scores'))
    .action(async (net: string, options: FitOptions) => {
      const { fit } = await import('./commands/fit.ts');
      done(await fit(net, options, terminal));
    });
};

const predict: Declare = (program, terminal, done) => {
  command(
    program,
    'predict',
    ['predict with a saved model', 'One line for each row of the table, in its order.'],
    'ntkc predict model.json --data new.csv -o predictions.csv',
  )
    .argument('<MODEL>', 'model saved by ntkc fit --save')
    .requiredOption('--data <file.csv>', 'table with the feature columns of the model; others are ignored')
    .option('-o, --output <file.csv>', 'write to a file')
    .addOption(jsonOption('predictions and scores'))
    .action(async (model: string, options: PredictOptions) => {
      const { predict } = await import('./commands/predict.ts');
      done(await predict(model, options, terminal));
    });
};

export const declarations: readonly Declare[] = [check, derive, generate, gram, fit, predict, verify, hierarchy];
