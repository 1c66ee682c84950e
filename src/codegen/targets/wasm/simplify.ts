/** Lane programs with constants drawn together: fewer operations, and each such constant is rounded once more. */
import { type Lane, LaneBuilder, type LaneProgram } from '../../../ir/loop/index.ts';

/** Places a lane, its arguments already in place: as it is, or as others that have its value. */
type Put = (b: LaneBuilder, lane: Lane) => number;

/**
 * The same values in fewer lanes; what `put` makes of a lane stays as it is. @derived c − (d − x) = x + (c − d) and
 * (d − x)c + e = −cx + (cd + e); a constant times a product, a quotient or a sum goes to a constant in them where nothing
 * else reads them, as in (x(zd + e))c = x(z(cd) + ce)
 */
export function simplified({ lanes, results }: LaneProgram, put: Put = (b, lane) => b.put(lane)): LaneProgram {
  const b = new LaneBuilder();
  const scale = new Scaling(b, { lanes, results });
  for (const { label, ...lane } of lanes) {
    const moved = { ...lane, args: lane.args.map((a) => scale.place[a] as number) };
    const at = fromDifference(b, moved) ?? scale.scaled(lane) ?? put(b, moved);
    if (label !== undefined) b.label(at, label);
    scale.place.push(at);
  }
  return b.finish(results.map((r) => scale.place[r] as number));
}

const constantOf = (b: LaneBuilder, at: number | undefined): number | undefined => {
  const lane = at === undefined ? undefined : b.lane(at);
  return lane?.op === 'constant' ? (lane.value as number) : undefined;
};

/** c − (d − x), and (d − x)c + e. */
function fromDifference(b: LaneBuilder, { op, args: [p, q, r] }: Lane): number | undefined {
  if (op !== 'sub' && op !== 'madd') return undefined;
  const { op: inner, args } = b.lane((op === 'sub' ? q : p) as number);
  const [c, d] = [constantOf(b, op === 'sub' ? p : q), inner === 'sub' ? constantOf(b, args[0]) : undefined];
  if (c === undefined || d === undefined) return undefined;
  const x = args[1] as number;
  if (op === 'sub') return b.of('add', x, b.constant(c - d));
  const e = constantOf(b, r);
  return e === undefined ? undefined : b.of('madd', x, b.constant(-c), b.constant(c * d + e));
}

/** Products with constants, on their way from a program to its builder. */
class Scaling {
  /** Where each lane of the program so far is in the builder. */
  readonly place: number[] = [];
  readonly #b: LaneBuilder;
  readonly #lanes: readonly Lane[];
  readonly #uses: readonly number[];

  constructor(b: LaneBuilder, { lanes, results }: LaneProgram) {
    this.#b = b;
    this.#lanes = lanes;
    const uses = lanes.map(() => 0);
    for (const at of [...lanes.flatMap((lane) => lane.args), ...results]) uses[at] = (uses[at] ?? 0) + 1;
    this.#uses = uses;
  }

  readonly #at = (lane: number): number => this.place[lane] as number;

  /** x·c, and (xy)c + z. */
  scaled({ op, args: [x = 0, factor = 0, z = 0] }: Lane): number | undefined {
    if (op !== 'mul' && op !== 'madd') return undefined;
    const c = constantOf(this.#b, this.#at(factor));
    if (c === undefined) return undefined;
    if (op === 'mul') return this.#times(x, c);
    const { op: inner, args } = this.#lanes[x] as Lane;
    const product = inner === 'mul' && this.#uses[x] === 1 ? this.#factors(args, c) : undefined;
    return product && this.#b.of('madd', ...product, this.#at(z));
  }

  /** The factors of c·x·y where one of them takes c. */
  #factors([x = 0, y = 0]: readonly number[], c: number): readonly [number, number] | undefined {
    const scaledY = this.#times(y, c);
    if (scaledY !== undefined) return [this.#at(x), scaledY];
    const scaledX = this.#times(x, c);
    return scaledX === undefined ? undefined : [scaledX, this.#at(y)];
  }

  /** c times a lane of the program where that takes no operation. */
  #times(lane: number, c: number): number | undefined {
    const b = this.#b;
    const own = constantOf(b, this.#at(lane));
    if (own !== undefined) return b.constant(own * c);
    if (this.#uses[lane] !== 1) return undefined;
    const { op, args } = this.#lanes[lane] as Lane;
    if (op === 'mul') {
      const factors = this.#factors(args, c);
      return factors && b.of('mul', ...factors);
    }
    if (op === 'div') {
      const numerator = this.#times(args[0] as number, c);
      return numerator === undefined ? undefined : b.of('div', numerator, this.#at(args[1] as number));
    }
    const here = b.lane(this.#at(lane));
    const [factor, rest] = [constantOf(b, here.args[1]), constantOf(b, here.args[2])];
    if (here.op !== 'madd' || factor === undefined || rest === undefined) return undefined;
    return b.of('madd', here.args[0] as number, b.constant(factor * c), b.constant(rest * c));
  }
}
