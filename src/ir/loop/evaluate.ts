/** Lane programs walked lane by lane in plain float64: what the code of a target is compared with. */
import { scalarFunction } from '../scalar/index.ts';
import type { Lane, LaneProgram } from './lanes.ts';

export interface LaneInputs {
  readonly row: (name: string) => number;
  readonly column: (name: string) => number;
  readonly pair: (name: string) => number;
  /** Coefficients of both samples. */
  readonly series?: (name: string) => readonly [Float64Array, Float64Array];
}

/** The results; a value is kept as its bits, since masks are NaN as numbers. */
export function evaluateLanes({ lanes, results }: LaneProgram, inputs: LaneInputs): readonly number[] {
  const bits = new BigUint64Array(lanes.length);
  const numbers = new Float64Array(bits.buffer);
  for (const [i, lane] of lanes.entries()) {
    const number = (k: number) => numbers[lane.args[k] as number] as number;
    const word = wordOf(lane, (k) => bits[lane.args[k] as number] as bigint, number);
    if (word !== undefined) bits[i] = BigInt.asUintN(64, word);
    else numbers[i] = numberOf(lane, number, inputs);
  }
  return results.map((r) => numbers[r] as number);
}

/** Operations on bits, and those that make masks. */
function wordOf({ op, value }: Lane, at: (k: number) => bigint, number: (k: number) => number): bigint | undefined {
  switch (op) {
    case 'bits':
      return value as bigint;
    case 'select':
      return (at(1) & at(0)) | (at(2) & ~at(0));
    case 'and':
      return at(0) & at(1);
    case 'andNot':
      return at(0) & ~at(1);
    case 'or':
      return at(0) | at(1);
    case 'xor':
      return at(0) ^ at(1);
    case 'shiftLeft':
      return at(0) << BigInt(value as number);
    case 'shiftRight':
      return at(0) >> BigInt(value as number);
    case 'integerAdd':
      return at(0) + at(1);
    case 'less':
      return mask(number(0) < number(1));
    case 'lessEqual':
      return mask(number(0) <= number(1));
    case 'equal':
      return mask(number(0) === number(1));
    default:
      return undefined;
  }
}

const mask = (set: boolean) => (set ? 0xffffffffffffffffn : 0n);

function numberOf({ op, name = '', value, args }: Lane, at: (k: number) => number, inputs: LaneInputs): number {
  switch (op) {
    case 'constant':
      return value as number;
    case 'row':
    case 'column':
    case 'pair':
      return inputs[op](name);
    case 'call':
      return scalarFunction(name).value(...args.map((_, k) => at(k)));
    case 'series':
      return seriesAt(inputs, name, at(0));
    default:
      return arithmetic(op, at);
  }
}

function arithmetic(op: Lane['op'], at: (k: number) => number): number {
  switch (op) {
    case 'add':
      return at(0) + at(1);
    case 'sub':
      return at(0) - at(1);
    case 'mul':
      return at(0) * at(1);
    case 'div':
      return at(0) / at(1);
    case 'madd':
      return at(0) * at(1) + at(2);
    case 'nmadd':
      return at(2) - at(0) * at(1);
    case 'neg':
      return -at(0);
    case 'abs':
      return Math.abs(at(0));
    case 'sqrt':
      return Math.sqrt(at(0));
    case 'angle':
      return Math.atan2(at(0), at(1));
    case 'nearest':
      return nearest(at(0));
    case 'min':
      return at(1) < at(0) ? at(1) : at(0);
    case 'max':
      return at(0) < at(1) ? at(1) : at(0);
    default:
      throw new Error(`ntkc bug: no value of lane ${op}`);
  }
}

function seriesAt({ series }: LaneInputs, name: string, rho: number): number {
  if (series === undefined) throw new Error(`ntkc bug: no coefficients ${name}`);
  const [a, b] = series(name);
  let sum = 0;
  for (let p = Math.min(a.length, b.length) - 1; p >= 0; p--) sum = sum * rho + (a[p] as number) * (b[p] as number);
  return sum;
}

/** Adding and taking away 1.5·2^52 leaves no fraction, rounded to even. */
function nearest(v: number): number {
  if (!(Math.abs(v) < 2 ** 51)) return v;
  const rounded = v + 1.5 * 2 ** 52 - 1.5 * 2 ** 52;
  return rounded === 0 && (v < 0 || Object.is(v, -0)) ? -0 : rounded;
}
