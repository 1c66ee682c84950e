/** What a kernel is given: checked against what it needs, before anything is computed. */
import { jsonPath, NtkcError } from '../errors.ts';
import { shapeText } from '../ir/arch/index.ts';
import { type Program, positionsOf } from '../ir/program/index.ts';
import { denseFromNested, indicesOf } from './io/jsonArray.ts';
import type { CompiledKernel, Inputs } from './kernel.ts';
import { requirePositionsLeft } from './masks.ts';
import { type NestedNumbers, padded } from './padded.ts';

/** Samples as nested lists of the network's input shape, or as flat rows; or their flat data and count. */
export type InputRows = Inputs | readonly NestedNumbers[];

/** Whether a kernel of this program takes inputs of which some positions are absent. */
export const isMasked = (program: Program): boolean => program.statements.some((s) => s.kind === 'present');

/**
 * Nested lists as flat data. Where the network is masked they may end early: what follows is absent.
 * @throws NtkcError naming the place where lists are ragged
 */
export function asInputs(x: InputRows, name: string, program: Program): Inputs {
  if (!Array.isArray(x)) return requireInputs(x as Partial<Inputs> | undefined, name);
  const rows = x as readonly NestedNumbers[];
  if (rows.length === 0) return { data: new Float64Array(), n: 0 };
  if (isMasked(program) && rows.some((row) => row.some((entry) => Array.isArray(entry))))
    return padded(rows, program, name);
  if (rows.some((row) => Array.isArray(row[0]))) {
    const { data, shape } = denseFromNested(rows, name);
    return { data, n: rows.length, shape: shape.slice(1) };
  }
  const d = rows[0]?.length ?? 0;
  const ragged = rows.findIndex((r) => r.length !== d);
  if (ragged >= 0)
    throw new NtkcError({ what: `row ${ragged} has ${rows[ragged]?.length} numbers`, expected: `${d}, as row 0 has` });
  return { data: Float64Array.from(rows.flat() as number[]), n: rows.length };
}

/** What is no list: callers without types give flat arrays, or nothing. */
function requireInputs(x: Partial<Inputs> | undefined, name: string): Inputs {
  if (x?.data !== undefined && Number.isSafeInteger(x.n) && (x.n as number) >= 0) return x as Inputs;
  throw new NtkcError({
    what: `${name} is ${ArrayBuffer.isView(x) ? 'a flat array' : x === undefined ? 'missing' : 'no inputs'}`,
    expected: 'a list of rows, or { data, n } with n samples in data, row-major',
  });
}

/** Of one sample, as the network declares it. */
const inputShape = ({ extents, features }: Program): readonly number[] => [...extents, features / positionsOf(extents)];

/** @throws NtkcError where the inputs do not fit the kernel, or hold a number that is not finite */
export function checkInputs(x: Inputs, { program }: CompiledKernel, name: string): void {
  const shape = inputShape(program);
  const { features } = program;
  if (x.n === 0) throw new NtkcError({ what: `${name} has no samples`, expected: 'at least one' });
  if (x.shape !== undefined && x.shape.join() !== shape.join())
    throw new NtkcError({
      what: `${name} has samples of shape ${shapeText(x.shape)}`,
      expected: `${shapeText(shape)}, as the network's input.shape says`,
    });
  if (x.data.length !== x.n * features)
    throw new NtkcError({
      what: `${name} has ${x.data.length / x.n} features a sample`,
      expected: `${features}${shape.length > 1 ? `, the numbers of shape ${shapeText(shape)}` : ''}, as the network's input.shape says`,
    });
  checkFinite(x.data, name, [x.n, ...shape]);
  checkPatterns(x, program, name);
  if (isMasked(program)) checkPresent(x, program, name);
}

/** The inputs with what comes by default: of masked networks, every position is there. */
export const withDefaults = (x: Inputs, program: Program): Inputs =>
  isMasked(program) && x.present === undefined
    ? { ...x, present: new Float64Array(x.n * positionsOf(program.extents)).fill(1) }
    : x;

/** @throws NtkcError where the mask is none, leaves nothing of a sample, or hides numbers that are not zero */
function checkPresent({ n, data, present }: Inputs, program: Program, name: string): void {
  if (present === undefined) return;
  const positions = positionsOf(program.extents);
  const channels = program.features / positions;
  if (present.length !== n * positions)
    throw new NtkcError({
      what: `the mask of ${name} holds ${present.length} numbers`,
      expected: `${n * positions}: ${positions} for each of ${n} samples`,
    });
  const place = (at: number) => jsonPath(`mask of ${name}`, indicesOf(at, [n, ...program.extents]));
  present.forEach((there, at) => {
    if (there !== 0 && there !== 1)
      throw new NtkcError({ what: `the mask holds ${there}`, where: place(at), expected: '1 or 0' });
    if (there === 0 && data.subarray(at * channels, (at + 1) * channels).some((v) => v !== 0))
      throw new NtkcError({
        what: 'a position that the mask hides holds numbers',
        where: place(at),
        expected: 'zeros',
      });
  });
  for (let i = 0; i < n; i++)
    if (!present.subarray(i * positions, (i + 1) * positions).includes(1))
      throw new NtkcError({
        what: 'the mask hides all of a sample',
        where: `${name}[${i}]`,
        expected: 'at least one position that is there',
      });
  requirePositionsLeft(present, program, name);
}

function checkPatterns({ n, patterns }: Inputs, program: Program, name: string): void {
  if (!program.statements.some((s) => s.kind === 'pattern')) return;
  const positions = positionsOf(program.extents);
  if (patterns === undefined)
    throw new NtkcError({
      what: `the network needs the pattern of each sample, and ${name} has none`,
      expected: `patterns, ${positions} x ${positions} numbers a sample`,
      next: 'Give them with the inputs; to ntkc gram, in files, by --pattern1 and --pattern2.',
    });
  if (patterns.length !== n * positions ** 2)
    throw new NtkcError({
      what: `the patterns of ${name} hold ${patterns.length} numbers`,
      expected: `${n * positions ** 2}: ${positions} x ${positions} for each of ${n} samples`,
    });
  checkFinite(patterns, `patterns of ${name}`, [n, positions, positions]);
}

/** @throws NtkcError for the first number that is not finite, with its place in an array of this shape */
function checkFinite(data: Float64Array, name: string, shape: readonly number[]): void {
  let at = 0; // a callback for each number would take ten times as long
  while (at < data.length && Number.isFinite(data[at])) at++;
  if (at === data.length) return;
  throw new NtkcError({
    what: `${name} holds ${data[at]}`,
    where: jsonPath(name, indicesOf(at, shape)),
    expected: 'finite numbers',
  });
}
