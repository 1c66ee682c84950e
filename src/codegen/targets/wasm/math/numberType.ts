/** What the functions need to know of the numbers they are made of: polynomials, constants, and where results end. */
import * as polynomials64 from './coefficients.generated.ts';
import * as polynomials32 from './float32/coefficients.generated.ts';

export interface NumberType {
  readonly bits: 64 | 32;
  readonly fractionBits: number;
  /** Of the exponent. */
  readonly bias: number;
  /** The smallest number above 0. */
  readonly smallest: number;
  readonly polynomials: Readonly<Record<keyof typeof polynomials64, readonly number[]>>;
  /** ln 2 in two parts, the first with zeros at its end: n times it is exact for every n of `exp`. */
  readonly ln2: readonly [number, number];
  /** Below the first e^x is 0, above the second ∞. */
  readonly expRange: readonly [number, number];
  /** Where tanh is 1. */
  readonly tanhEnd: number;
  /** From where half of e^x is sinh x. */
  readonly sinhEnd: number;
  /** √½ as bits. */
  readonly rootHalfBits: bigint;
  /** 2 to this power makes every number normal. */
  readonly normalising: number;
  /** From where erf is 1. */
  readonly erfEnd: number;
  /** A slope whose angle is π/2, and whose reciprocal is a number. */
  readonly steepest: number;
  /** What π/4 and its multiples lose by rounding, per quarter of π; undefined where it is not carried along. */
  readonly quarterPiLow?: number;
  /** π/2 in three parts: k times each of the first two is exact for every k below `periodicEnd`. */
  readonly halfPi: readonly [number, number, number];
  /** sin, cos and tan are for |x| up to here. */
  readonly periodicEnd: number;
  /** Whether sin, cos and tan carry along what rounding leaves out of the reduced argument. */
  readonly carriesRemainder: boolean;
}

const float64: NumberType = {
  bits: 64,
  fractionBits: 52,
  bias: 1023,
  smallest: 5e-324,
  polynomials: polynomials64,
  ln2: [0.6931471803691238, 1.9082149292705877e-10],
  expRange: [-746, 712],
  tanhEnd: 22,
  sinhEnd: 22,
  rootHalfBits: 0x3fe6a09e667f3bcdn,
  normalising: 54,
  erfEnd: 6,
  steepest: 1e300,
  quarterPiLow: 3.061616997868383e-17,
  halfPi: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21],
  periodicEnd: 1e6,
  carriesRemainder: true,
};

const first = 201 / 128;
const second = Math.round((Math.PI / 2 - first) * 2 ** 25) / 2 ** 25;

const float32: NumberType = {
  bits: 32,
  fractionBits: 23,
  bias: 127,
  smallest: 2 ** -149,
  polynomials: polynomials32,
  ln2: [0.693359375, -2.1219444005469057e-4],
  expRange: [-104, 90],
  tanhEnd: 10,
  sinhEnd: 10,
  rootHalfBits: 0x3f3504f3n,
  normalising: 24,
  erfEnd: 4,
  steepest: 1e30,
  halfPi: [first, second, Math.PI / 2 - first - second],
  periodicEnd: 1000,
  carriesRemainder: false,
};

export const numberTypes = { float64, float32 } as const;
