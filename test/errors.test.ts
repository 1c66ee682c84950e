/** Bad input: exit status 2, one line that names the file and the place in it, and no trace in the folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newWorkspace, reluNetwork, type Workspace } from './cli/workspace.ts';
import { runCli } from './support/cli.ts';

const withLayers = (...layers: readonly unknown[]) => ({ input: { shape: [2] }, layers });
const dense = { op: 'dense' };
const formula = (expr: unknown) => withLayers(dense, { op: 'elementwise', expr }, dense);

/** float32 or float64 .npy as numpy.save writes it. */
function npy(descr: string, shape: string, data: Float64Array | Float32Array): Buffer {
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
  const head = Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]),
    Buffer.from(`${dict}\n`),
  ]);
  return Buffer.concat([head, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}

interface Case {
  readonly name: string;
  /** The file at fault beside the good ones (net.json, x.json, data.csv), if it is a new one. */
  readonly file?: readonly [name: string, content: unknown];
  readonly args: readonly string[];
  /** What the line must say: the file, the place inside it, what was expected. */
  readonly says: readonly (string | RegExp)[];
}

const checks = (name: string, network: unknown, ...says: readonly (string | RegExp)[]): Case => ({
  name,
  file: ['bad.json', network],
  args: ['check', 'bad.json'],
  says: ['bad.json', ...says],
});

const networks: readonly Case[] = [
  checks('unknown op', withLayers(dense, { op: 'dens' }), 'layers[1].op', '"dens"', 'Expected one of', 'dense'),
  checks('__proto__ as an op', withLayers({ op: '__proto__' }), 'layers[0].op', 'Expected one of'),
  checks('constructor as an op', withLayers({ op: 'constructor' }), 'layers[0].op', 'Expected one of'),
  checks('toString as an op', withLayers({ op: 'toString' }), 'layers[0].op', 'Expected one of'),
  checks('an op that is no text', withLayers({ op: ['dense'] }), 'layers[0].op', 'Expected a text'),
  checks('a layer that is no object', withLayers('dense'), 'layers[0]', 'Expected an object'),
  checks('unknown field', withLayers({ ...dense, wstd: 1 }), 'layers[0]', '"wstd"', 'Expected only', 'wStd'),
  checks(
    '__proto__ as a field',
    '{"input":{"shape":[2]},"layers":[{"op":"dense","__proto__":{"a":1}}]}',
    /layers\[0\]/,
  ),
  checks('__proto__ at the top', '{"__proto__":{},"input":{"shape":[2]},"layers":[{"op":"dense"}]}', '__proto__'),
  checks('constructor as a field', withLayers({ ...dense, constructor: 1 }), 'layers[0]', '"constructor"', 'Expected'),
  checks('a field inside branches', withLayers({ op: 'sum', branches: [[], [{ op: 'dens' }]] }), 'branches[1][0].op'),
  checks('a field inside repeat', withLayers({ op: 'repeat', times: 2, layers: [{ op: 'x' }] }), 'layers[0].layers[0]'),
  checks('wrong type', withLayers({ ...dense, wStd: '1' }), 'layers[0].wStd', 'Expected a finite number'),
  checks(
    'negative std',
    withLayers({ ...dense, bStd: -0.1 }),
    'layers[0].bStd',
    'bStd is -0.1',
    'Expected a number >= 0',
  ),
  checks('a std beyond float64', '{"input":{"shape":[2]},"layers":[{"op":"dense","wStd":1e999}]}', 'layers[0].wStd'),
  checks('wrong shape: empty', { input: { shape: [] }, layers: [dense] }, 'input.shape', 'Expected at least 1'),
  checks('wrong shape: negative', { input: { shape: [-2] }, layers: [dense] }, 'input.shape[0]', 'Expected'),
  checks('wrong shape: fraction', { input: { shape: [2.5] }, layers: [dense] }, 'input.shape[0]', 'whole number'),
  checks('no layers', withLayers(), 'layers', 'Expected at least 1'),
  checks('another version', { ...reluNetwork, ntkc: 2 }, 'ntkc', 'Expected 1'),
  checks('a list instead of a network', [1, 2], 'bad.json', 'Expected an object'),
  checks(
    'branches of different width',
    withLayers({ op: 'sum', branches: [[], [{ ...dense, width: 3 }]] }),
    'layers[0]',
  ),
  checks(
    'activation on non-Gaussian input',
    withLayers(dense, { op: 'relu' }, { op: 'relu' }, dense),
    'layers[2]',
    'dense',
  ),
  checks('activation on the input itself', withLayers({ op: 'erf' }, dense), 'layers[0]', 'Gaussian', 'dense'),
  checks('formula: syntax error', formula('x*(1+'), 'layers[1].expr', 'Expected'),
  checks('formula: another variable', formula('x*y'), 'layers[1].expr', 'y', 'x'),
  ...['sqrt(x)', 'x^3.3', '(x^3)^(1/3)', 'log(x)', 'asin(x)', 'x^x', 'sqrt(1 - x^2)'].map((expr) =>
    checks(`formula without a real value: ${expr}`, formula(expr), 'layers[1].expr', 'no real value at x = -'),
  ),
  checks('a long sum', formula(`x${'+x'.repeat(4000)}`), 'layers[1].expr', 'nested too deeply', /"x[+x]*\.\.\."/),
  checks('many signs', formula(`${'-'.repeat(5000)}x`), 'layers[1].expr', 'nested too deeply'),
  checks('a long formula', formula(`${'('.repeat(2000)}x`), 'layers[1].expr', /^.{0,300}\n$/),
  checks('lists without end', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'value is a list'),
  checks('a std whose square is infinite', withLayers({ ...dense, wStd: 1e200 }), 'layers[0]', 'overflows float64'),
  checks('a slope whose square is infinite', withLayers(dense, { op: 'leakyRelu', slope: 1e308 }), 'layers[1]'),
  checks('formula: no text', formula(3), 'layers[1].expr', 'Expected a text'),
  ...[
    'constructor.constructor("return process")()',
    'x.constructor',
    'x["constructor"]',
    'process.exit(1)',
    'import("fs")',
    'eval("1")',
    'f(x) = x',
    'y = x; y',
    '[x, x]',
    '"x"',
    'parse("x")',
    'config({})',
    'x => x',
    '__proto__',
    'toString(x)',
  ].map((expr) => checks(`formula: code-like text ${expr}`, formula(expr), 'layers[1].expr')),
  checks('truncated JSON', JSON.stringify(reluNetwork).slice(0, -10), 'cut off'),
  checks('an empty file', '', 'empty', 'Expected JSON'),
  checks('a comment in JSON', '{ "ntkc": 1, // one\n}', 'line 1, column 14'),
  { name: 'missing file', args: ['check', 'nope.json'], says: ['nope.json', 'no such file'] },
  { name: 'a folder as file', args: ['check', 'folder.json'], says: ['folder.json', 'folder'] },
  { name: 'a path through a file', args: ['derive', 'net.json/net.json'], says: ['net.json/net.json'] },
  { name: 'an unknown ending', args: ['check', 'data.csv'], says: ['data.csv', 'Expected a .json file'] },
];

const gram = (name: string, x: readonly [string, unknown], ...says: readonly (string | RegExp)[]): Case => ({
  name,
  file: x,
  args: ['gram', 'net.json', '--x1', x[0], '-o', 'old.npy'],
  says: [x[0], ...says],
});

/** Samples whose Gram matrix is too large to be text. */
const many = JSON.stringify(Array.from({ length: 4500 }, (_, i) => [i, 1]));

const arrays: readonly Case[] = [
  gram('empty data', ['bad.json', []], 'empty', 'Expected at least one'),
  gram('empty rows', ['bad.json', [[]]], 'empty'),
  gram('empty .npy', ['bad.npy', npy('<f8', '(0, 2)', new Float64Array(0))], 'empty'),
  gram('ragged rows', ['bad.json', [[1, 2], [3]]], 'x[1]', 'ragged', 'Expected a list of 2'),
  {
    name: 'sequences of different lengths without a mask',
    file: ['bad.json', [[[1], [2]], [[1]]]],
    args: ['gram', 'sequence.json', '--x1', 'bad.json', '-o', 'old.npy'],
    says: ['bad.json: x[1]', 'ragged', '"masked": true', 'sequence.json'],
  },
  gram('NaN in JSON', ['bad.json', '[[1,NaN]]'], 'not valid JSON'),
  gram('null in data', ['bad.json', [[1, null]]], 'x[0][1]', 'Expected a finite number'),
  gram('infinity in JSON', ['bad.json', '[[1,2],[1,1e999]]'], 'x[1][1]', 'Expected a finite number'),
  gram('NaN in .npy', ['bad.npy', npy('<f8', '(2, 2)', Float64Array.of(1, 2, 3, Number.NaN))], 'x[1][1]', 'NaN'),
  gram('infinity in .npy', ['bad.npy', npy('<f4', '(1, 2)', Float32Array.of(-Infinity, 0))], 'x[0][0]', '-Infinity'),
  gram('integers in .npy', ['bad.npy', npy('<i8', '(1, 1)', new Float64Array(1))], '<i8', 'Expected float64'),
  gram('cut off .npy', ['bad.npy', npy('<f8', '(9, 2)', new Float64Array(2))], 'cut off', 'Expected'),
  gram('no .npy at all', ['bad.npy', 'hello'], 'not a .npy file'),
  gram('wrong number of features', ['bad.json', [[1, 2, 3]]], '[1, 3]', 'Expected [n, 2]', 'net.json'),
  gram('wrong number of axes', ['bad.json', [[[1, 2]]]], '[1, 1, 2]', 'Expected [n, 2]'),
  gram('one list', ['bad.json', [1, 2]], '[2]', 'Expected [n, 2]'),
  gram('another ending', ['bad.txt', '1 2'], '.txt', 'Expected a .json, .npy or .zarr'),
  gram('truncated JSON', ['bad.json', '[[1, 2], [3'], 'cut off'),
  gram('a kernel beyond float64', ['bad.json', [[1e200, 1]]], 'samples 0 and 0', 'Expected finite'),
  {
    name: 'a matrix too large for the screen',
    file: ['bad.json', many],
    args: ['gram', 'net.json', '--x1', 'bad.json'],
    says: ['4500 x 4500', 'too large to print', '-o k.npy'],
  },
  {
    name: 'a matrix too large for a .json file',
    file: ['bad.json', many],
    args: ['gram', 'net.json', '--x1', 'bad.json', '-o', 'old.json'],
    says: ['4500 x 4500', /too large for a .json file. At old.json/, '-o k.npy'],
  },
  {
    name: 'x2 with other features',
    file: ['bad.json', [[1, 2, 3]]],
    args: ['gram', 'net.json', '--x1', 'x.json', '--x2', 'bad.json', '-o', 'old.npy'],
    says: ['bad.json', 'Expected [n, 2]'],
  },
  {
    name: 'a value beyond float32',
    file: ['bad.json', [[1e30, 1]]],
    args: ['gram', 'net.json', '--x1', 'bad.json', '--dtype', 'float32', '-o', 'old.npy'],
    says: ['bad.json', 'row 0, column 0', 'Expected finite'],
  },
  ...['', '.npy', '.json'].map((ending) => ({
    name: `missing input (-o ${ending || 'none'})`,
    args: ['gram', 'net.json', '--x1', 'nope.json', ...(ending ? ['-o', `old${ending}`] : [])],
    says: ['nope.json', 'no such file'],
  })),
];

const onGood = (name: string, args: string, ...says: readonly (string | RegExp)[]): Case => ({
  name,
  args: args.split(' '),
  says,
});
const gramArgs = 'gram net.json --x1 x.json -o old.npy';

const options: readonly Case[] = [
  onGood('unwritable output: no folder', 'gram net.json --x1 x.json -o no/k.npy', 'no/k.npy', 'folder does not exist'),
  onGood('unwritable output: a folder', 'gram net.json --x1 x.json -o folder.json', 'folder.json', 'folder'),
  onGood('unwritable output: a file on the way', 'derive net.json -o x.json/y.txt', 'x.json/y.txt', 'not a folder'),
  onGood('unwritable model', 'fit net.json --data data.csv --label y --save no/m.json', 'no/m.json', 'folder'),
  onGood('output of unknown format', 'gram net.json --x1 x.json -o k.txt', 'k.txt', 'Expected', '.npy'),
  onGood('a folder of something else', 'gram net.json --x1 x.json -o folder.zarr', 'folder.zarr', 'something else'),
  onGood('unwritable folder', 'gram net.json --x1 x.json -o no/k.zarr', 'no/k.zarr', 'folder does not exist'),
  onGood('a file instead of a folder', 'gram net.json --x1 x.json -o file.zarr', 'file.zarr', 'this is a file'),
  onGood('too many layer weights', `${gramArgs} --kernel wntk --layer-weights 1,2,3`, '--layer-weights', 'Expected 2'),
  onGood(
    'layer weights that are no numbers',
    `${gramArgs} --kernel wntk --layer-weights 1,a`,
    '--layer-weights',
    '1,a',
  ),
  onGood('an infinite layer weight', `${gramArgs} --kernel wntk --layer-weights 1,Infinity`, '--layer-weights'),
  onGood('layer weights without wntk', `${gramArgs} --layer-weights 1,2`, '--layer-weights', 'wntk'),
  onGood('unknown target', `${gramArgs} --target cuda`, '--target', '"cuda"', 'Expected one of wasm, reference, tfjs'),
  onGood('a target of a later version', `${gramArgs} --target webgpu`, 'webgpu', 'not available yet'),
  onGood('unknown tfjs backend', `${gramArgs} --target tfjs --tfjs-backend foo`, '"foo"', 'Expected one of', 'cpu'),
  onGood('unknown kernel', `${gramArgs} --kernel kk`, '--kernel', '"kk"', 'Expected one of nngp, ntk, wntk'),
  onGood('a kernel of the hierarchy', `${gramArgs} --kernel k3`, 'k3', 'ntkc hierarchy', 'Expected one of nngp'),
  onGood('a kernel of a later version', 'verify net.json --kernel k5', 'k5', 'not available yet', 'k3, k4'),
  onGood('too many terms', 'derive net.json --kernel k4 --max-terms 5', 'K4', 'too large', '--max-terms'),
  onGood('terms of a kernel that has none', 'derive net.json --max-terms 5', '--max-terms', 'k2 to k8'),
  onGood(
    'a kernel above the hierarchy',
    'derive net.json --kernel k9',
    'K9 is a sum over 40320 trees',
    'Expected k2, k3',
  ),
  onGood('float64 from tfjs', `${gramArgs} --target tfjs --dtype float64`, '--dtype', 'Expected float32'),
  onGood('too little memory', `${gramArgs} --memory-limit 1`, '--memory-limit', 'Expected at least'),
  onGood('no number of threads', `${gramArgs} --threads 0`, '--threads', 'Expected a whole number >= 1'),
  onGood('help on an unknown command', 'help gramm', 'gramm', 'gram?'),
  onGood('a matrix over its inputs', `gram net.json --x1 x.json -o x.json`, 'x.json', 'replace an input'),
  onGood('a matrix over its network', `gram net.json --x1 x.json -o ./net.json`, 'net.json', 'replace an input'),
  onGood('a derivation over its network', 'derive net.json -o net.json', 'net.json', 'replace an input'),
  {
    name: 'source over its network',
    file: ['bad.ts', `export default ${JSON.stringify(reluNetwork)};`],
    args: ['generate', 'bad.ts', '-o', 'bad.ts'],
    says: ['bad.ts', 'replace an input'],
  },
  onGood('TypeScript in a .js file', 'generate net.json -o k.js', 'tfjs writes TypeScript', 'k.js', 'Expected .ts'),
  onGood('JavaScript in a .py file', 'generate net.json --target reference -o k.py', 'JavaScript', 'Expected .js'),
  onGood('a model over its table', 'fit net.json --data data.csv --label y --save data.csv', 'replace an input'),
  onGood('a name too long', `gram net.json --x1 x.json -o ${'o'.repeat(300)}.json`, 'the name is too long'),
  onGood('unknown command', 'gramm net.json', 'gramm', 'gram?'),
  onGood('unknown option', 'check net.json --jsn', '--jsn', '--json'),
  onGood('a missing argument', 'check', 'NET', 'ntkc check --help'),
  onGood('one argument too many', 'check net.json net.json', 'too many'),
  onGood('a missing option', 'gram net.json', '--x1'),
  onGood('contradicting formats', 'derive net.json --json --format text', '--json', '--format'),
  onGood('report of another format', 'verify net.json -o report.pdf', 'report.pdf', '.html'),
  onGood('one width', 'verify net.json --widths 64', '--widths', 'Expected two or more'),
  onGood('layer weights to verify', 'verify net.json --layer-weights 1', '--layer-weights', 'Expected 2'),
];

const rows = (...lines: readonly string[]) => `${lines.join('\n')}\n`;
const fits = (name: string, csv: string, ...says: readonly (string | RegExp)[]): Case => ({
  name,
  file: ['bad.csv', csv],
  args: ['fit', 'net.json', '--data', 'bad.csv', '--label', 'y', '--folds', '2', '--save', 'old.npy'],
  says: ['bad.csv', ...says],
});

const tables: readonly Case[] = [
  fits('label column missing', rows('a,b,c', '1,2,3'), 'label column y', 'a, b, c'),
  fits('empty data', 'a,b,y\n', 'empty', 'Expected at least one data row'),
  fits('an empty file', '', 'empty', 'Expected'),
  fits('ragged rows', rows('a,b,y', '1,2,0', '1,2'), 'line 3', 'Expected 3 cells'),
  fits('NaN', rows('a,b,y', '1,NaN,0', '1,2,1'), 'line 2, column b', 'Expected a finite number'),
  fits('infinity', rows('a,b,y', '1,2,0', 'inf,2,1'), 'line 3, column a', 'Expected a finite number'),
  fits('a word', rows('a,b,y', '1,2,0', '1,red,1'), 'line 3, column b', 'Expected a number'),
  fits('an empty cell', rows('a,b,y', '1,,0', '1,2,1'), 'line 2, column b', 'Expected a number'),
  fits('one class only', rows('a,b,y', '1,2,0', '3,4,0'), 'column y', 'only one class', 'Expected at least two'),
  fits(
    'another number of features',
    rows('a,y', '1,0', '2,1'),
    'net.json: input.shape',
    'Expected [1]',
    '"shape": [1]',
  ),
  {
    name: 'singular kernel matrix',
    file: ['bad.csv', rows('a,b,y', ...Array.from({ length: 8 }, (_, i) => `1,2,${i % 2}`))],
    args: ['fit', 'net.json', '--data', 'bad.csv', '--label', 'y', '--ridge', '0', '--save', 'old.npy'],
    says: ['bad.csv', 'singular', 'equal', 'Raise the ridge'],
  },
  onGood('a negative ridge', 'fit net.json --data data.csv --label y --ridge -1', '--ridge', '"-1"', 'Expected'),
  onGood('too many folds', 'fit net.json --data data.csv --label y --folds 99', 'data.csv', '--folds', 'from 2 to'),
  onGood('fraction of a fold', 'fit net.json --data data.csv --label y --folds 2.5', '--folds', 'whole number'),
  onGood('no model at all', 'predict net.json --data data.csv -o old.npy', 'net.json', 'not a model file'),
  {
    name: 'a cut off model',
    file: ['bad.json', '{"ntkcModel":1,"task":'],
    args: ['predict', 'bad.json', '--data', 'data.csv', '-o', 'old.npy'],
    says: ['bad.json', 'cut off'],
  },
];

describe('bad input exits with 2 and one line', () => {
  let place: Workspace;
  beforeAll(() => {
    place = newWorkspace();
    place.write({
      'net.json': reluNetwork,
      'x.json': [
        [1, 2],
        [3, 4],
      ],
      'sequence.json': { ...reluNetwork, input: { shape: [2, 1] }, layers: [{ op: 'flatten' }, { op: 'dense' }] },
      'data.csv': rows('a,b,y', '1,2,0', '2,1,1', '3,0,0', '0,3,1'),
      'old.npy': 'an earlier result',
      'old.json': 'another one',
    });
    mkdirSync(join(place.folder, 'folder.json'));
    mkdirSync(join(place.folder, 'folder.zarr'));
    writeFileSync(join(place.folder, 'folder.zarr', 'thesis.tex'), 'x');
    writeFileSync(join(place.folder, 'file.zarr'), 'x');
  });
  afterAll(() => place.remove());

  const all: readonly (readonly [string, readonly Case[]])[] = [
    ['network', networks],
    ['array', arrays],
    ['option', options],
    ['table', tables],
  ];
  for (const [kind, cases] of all)
    it.each(cases.map((c) => [c.name, c] as const))(`${kind}: %s`, async (_, { file, args, says }) => {
      if (file !== undefined) place.write({ [file[0]]: file[1] });
      const before = place.snapshot();
      const { status, stdout, stderr } = await place.ntkc(...args);
      expect({ status, stdout }, stderr).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/^ntkc: [^\n]+\n$/);
      expect(stderr).not.toMatch(/\bat .*:\d+:\d+|undefined|\[object|node_modules|bug/);
      for (const part of says) expect(stderr).toMatch(part);
      expect(place.snapshot()).toEqual(before);
    });

  it('a module that waits for ever', () => {
    place.write({ 'never.ts': 'await new Promise(() => {});\nexport default {}' });
    const { status, stderr } = runCli(['check', 'never.ts'], { cwd: place.folder });
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^ntkc: .*never settles.*\n$/),
    });
  });

  it('as a process too', () => {
    place.write({ 'bad.json': withLayers({ op: 'dens' }) });
    const before = place.snapshot();
    const args = ['gram', 'bad.json', '--x1', 'x.json', '-o', 'old.npy'];
    const { status, stdout, stderr } = runCli(args, { cwd: place.folder });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^ntkc: [^\n]*bad\.json: layers\[0\]\.op[^\n]*\n$/);
    expect(place.snapshot()).toEqual(before);
  });
});
