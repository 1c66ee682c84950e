/**
 * Lane programs: what a fused loop computes for one pair of inputs, as a straight line of operations on float64 lanes.
 * Each lane names earlier ones by position; equal lanes are one lane. Targets apply the same line to several pairs at once.
 */

/** How many lanes an operation reads. Comparisons give masks, whose bits are all set or all clear. */
const arity = {
  /** `value` in every pair. */
  constant: 0,
  /** The float64 of these 64 bits, `value` a bigint. */
  bits: 0,
  /** A value of the sample at the row, or at the column, or of the pair, by `name`. */
  row: 0,
  column: 0,
  pair: 0,
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  /** a·b + c, rounded once or twice as the target likes. */
  madd: 3,
  /** c − a·b, likewise. */
  nmadd: 3,
  neg: 1,
  abs: 1,
  sqrt: 1,
  /** To the nearest whole number, halves to even. */
  nearest: 1,
  /** b < a ? b : a, so that a NaN in a stays. */
  min: 2,
  /** a < b ? b : a. */
  max: 2,
  less: 2,
  lessEqual: 2,
  equal: 2,
  /** select(mask, a, b): a where the mask is set. */
  select: 3,
  and: 2,
  /** a & ~b. */
  andNot: 2,
  or: 2,
  xor: 2,
  /** Of the 64 bits, by the constant `value`. */
  shiftLeft: 1,
  shiftRight: 1,
  integerAdd: 2,
  /** atan2(y, x) of three lanes y, x and 1/√(x² + y²). */
  angle: 3,
  /** A scalar function of src/ir/scalar, by `name`, that a target spells out. */
  call: undefined,
  /** Σ_p a_p a'_p ρ^p with the coefficients `name` of both samples. */
  series: 1,
} as const;

export type LaneOp = keyof typeof arity;

export interface Lane {
  readonly op: LaneOp;
  readonly args: readonly number[];
  readonly name?: string;
  readonly value?: number | bigint;
  /** Values of the kernel program that it is, for readers. */
  readonly label?: string;
}

export interface LaneProgram {
  readonly lanes: readonly Lane[];
  /** Lanes of the results, in order. */
  readonly results: readonly number[];
}

type Plain = Exclude<
  LaneOp,
  'constant' | 'bits' | 'row' | 'column' | 'pair' | 'call' | 'series' | 'shiftLeft' | 'shiftRight'
>;

/** Writes lanes, each kind of value once. */
export class LaneBuilder {
  readonly #lanes: Lane[] = [];
  /** Lanes by what they are; constants by their number, which is slow to write out. */
  readonly #known = new Map<string | number, number>();

  put(lane: Lane): number {
    const { op, args, name = '', value = '' } = lane;
    const count = arity[op];
    if (count !== undefined && args.length !== count)
      throw new Error(`ntkc bug: ${op} takes ${count} lanes, got ${args.length}`);
    const isNumber = op === 'constant' && !Object.is(value, -0);
    const key = isNumber ? (value as number) : `${op} ${args.join(',')} ${name} ${value}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#lanes.push(lane);
    this.#known.set(key, this.#lanes.length - 1);
    return this.#lanes.length - 1;
  }

  constant(value: number): number {
    return this.put({ op: 'constant', args: [], value });
  }
  bits(value: bigint): number {
    return this.put({ op: 'bits', args: [], value });
  }
  input(op: 'row' | 'column' | 'pair', name: string): number {
    return this.put({ op, args: [], name });
  }
  call(name: string, ...args: readonly number[]): number {
    return this.put({ op: 'call', args, name });
  }
  series(name: string, rho: number): number {
    return this.put({ op: 'series', args: [rho], name });
  }
  shift(op: 'shiftLeft' | 'shiftRight', lane: number, by: number): number {
    return this.put({ op, args: [lane], value: by });
  }
  /** An operation on lanes; numbers that are not lanes go through constant(). */
  of(op: Plain, ...args: readonly number[]): number {
    return this.put({ op, args });
  }
  lane(at: number): Lane {
    return this.#lanes[at] as Lane;
  }
  /** Says what a lane is, beside what is already said of it. */
  label(at: number, name: string): void {
    const { label, ...lane } = this.lane(at);
    this.#lanes[at] = { ...lane, label: label === undefined ? name : `${label}, ${name}` };
  }

  /** The program of these results, without what they do not need. */
  finish(results: readonly number[]): LaneProgram {
    const used = new Uint8Array(this.#lanes.length);
    for (const r of results) used[r] = 1;
    for (let i = used.length - 1; i >= 0; i--) if (used[i] === 1) for (const a of this.lane(i).args) used[a] = 1;
    const place = new Int32Array(used.length);
    const move = (i: number) => place[i] as number;
    const lanes: Lane[] = [];
    this.#lanes.forEach((lane, i) => {
      if (used[i] === 1) place[i] = lanes.push({ ...lane, args: lane.args.map(move) }) - 1;
    });
    return { lanes, results: results.map(move) };
  }
}

/** One lane a line, %position = operation. */
export function printLanes({ lanes, results }: LaneProgram): string {
  const line = ({ op, args, name, value }: Lane, i: number) => {
    const bits = typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
    return [`%${i} =`, op, name, ...args.map((a) => `%${a}`), bits].filter((part) => part !== undefined).join(' ');
  };
  return `${[...lanes.map(line), `results ${results.map((r) => `%${r}`).join(' ')}`].join('\n')}\n`;
}
