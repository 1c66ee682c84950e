/** Patterns and masks in standalone modules: which come with the samples, and what is checked of them. */
import { type AveragedMask, averagedMasks, type Program, positionsOf } from '../../../../ir/program/index.ts';
import { givenOf } from './steps.ts';

/** An array that comes with the samples. */
export interface Given {
  /** In the module's argument `given`, and in samples of the driver. */
  readonly name: string;
  readonly ofSample: 'pattern' | 'present';
  /** Numbers of one sample. */
  readonly size: number;
  /** In einsum letters, for comments. */
  readonly shape: string;
}

/** What comes with the samples besides their numbers: the names of arrays, with their shapes. */
export function givenArrays(program: Program): ReadonlyMap<string, string> {
  const kinds = new Set(program.statements.map((s) => s.kind));
  return new Map([
    ...(kinds.has('pattern') ? [[givenOf.pattern, "[n p p']"] as const] : []),
    ...(kinds.has('present') ? [[givenOf.present, '[n p], 1 or 0'] as const] : []),
  ]);
}

export function givenOfSamples(program: Program): readonly Given[] {
  const positions = positionsOf(program.extents);
  return [...givenArrays(program)].map(([name, shape]) =>
    name === 'patterns'
      ? { name, ofSample: 'pattern', size: positions ** 2, shape }
      : { name, ofSample: 'present', size: positions, shape },
  );
}

/** Functions that `prepare` calls: what comes with n samples, copied, or an Error that says what is wrong with it. */
export function givenLines(program: Program): readonly string[] {
  const given = givenOfSamples(program);
  return [
    ...(given.length > 0 ? numbersOf : []),
    ...given.flatMap(({ ofSample }) => (ofSample === 'pattern' ? patternLines : presentLines(program))),
  ];
}

const numbersOf = [
  '/** The array of this name that comes with n samples, so many numbers with each. */',
  'function givenNumbers(given, name, n, size) {',
  '  const numbers = given?.[name];',
  "  const needed = n + ' x ' + size + ' numbers';",
  "  if (numbers === undefined) throw new Error('given.' + name + ' is missing (given1 or given2 of gram): ' + needed);",
  "  if (numbers.length < n * size) throw new Error('given.' + name + ' holds fewer than ' + needed);",
  '  return Float64Array.from(numbers.slice(0, n * size));',
  '}',
  '',
];

const patternLines = [
  'function patternsOf(given, n) {',
  "  const patterns = givenNumbers(given, 'patterns', n, positions ** 2);",
  '  const at = patterns.findIndex((v) => !Number.isFinite(v));',
  "  if (at >= 0) throw new Error('given.patterns[' + at + '] is ' + patterns[at] + ', not a finite number');",
  '  return patterns;',
  '}',
  '',
];

function presentLines(program: Program): readonly string[] {
  const all = positionsOf(program.extents);
  // Every sample has one of all positions.
  const some = averagedMasks(program).filter(({ positions }) => positions.length < all);
  return [
    ...(some.length === 0 ? [] : layersRead(some)),
    'function presentOf(given, n, data) {',
    "  const present = givenNumbers(given, 'present', n, positions);",
    '  present.forEach((there, at) => {',
    "    if (there !== 0 && there !== 1) throw new Error('given.present[' + at + '] is ' + there + ', not 1 or 0');",
    '    if (there === 0 && data.subarray(at * channels, (at + 1) * channels).some((v) => v !== 0))',
    "      throw new Error('x is not 0 at a position that is absent: given.present[' + at + '] is 0');",
    '  });',
    '  for (let i = 0; i < n; i++)',
    '    if (!present.subarray(i * positions, (i + 1) * positions).includes(1))',
    "      throw new Error('given.present is 0 at all positions of sample ' + i);",
    ...(some.length === 0 ? [] : leftLines),
    '  return present;',
    '}',
    '',
  ];
}

/** What networks average over that skip positions. */
const layersRead = (masks: readonly AveragedMask[]): readonly string[] => [
  '/** Layers before a mean over positions, and the positions of the input that they read. */',
  'const layersRead = [',
  ...masks.map(({ path, positions }) => `  { path: ${JSON.stringify(path)}, positions: [${positions.join(', ')}] },`),
  '];',
  '',
];

const leftLines = [
  '  for (let i = 0; i < n; i++)',
  '    for (const { path, positions: read } of layersRead)',
  '      if (read.every((p) => present[i * positions + p] === 0))',
  "        throw new Error(path + ' reads no position that sample ' + i + ' has (given.present), so a mean over them has no value');",
];
