/** The functions of a module whose values have positions: what is known of each sample, and the kernel of pairs. */
import { type Program, positionsOf, type Statement } from '../../../../ir/program/index.ts';
import { type Expr, symbols } from '../../../../ir/scalar/index.ts';
import { variableOf } from '../../reference/index.ts';
import { ordersOf } from '../groups.ts';
import { listLines } from '../lines.ts';
import { coefficientsName, diagonalName, valuesName } from '../statements.ts';
import { blockLines, bodyDepth as depth, ofEach } from './blocks.ts';
import { Scope } from './forms.ts';
import { declaredBy, type Kept, type SpatialBlock, sampleFields, spatialBlocks } from './groups.ts';
import { peakBytes } from './memory.ts';
import { onceEach, partsIn, partsOverPositions } from './parts.ts';
import { SpatialPrinter } from './statements.ts';
import type { Tables } from './tables.ts';

export interface SpatialBody {
  /** Statements of selfValues. */
  readonly self: readonly string[];
  /** Statements of pairs. */
  readonly pair: readonly string[];
  /** Upper bounds on what one sample, and one pair, takes while these run. */
  readonly sampleBytes: number;
  readonly pairBytes: number;
}

export function spatialBody(program: Program, functions: ReadonlyMap<Expr, string>, tables: Tables): SpatialBody {
  const once = onceEach(program);
  const fields = sampleFields(once);
  const inLoops = namesInLoops(program);
  const printerOf = () => new SpatialPrinter(once, functions, tables, inLoops);
  const printer = printerOf();
  const linesOf = (s: Statement) => printer.lines(s, new Scope(), 0);
  const kept = keptOfSamples(program, fields, inLoops);
  const ownBlocks = spatialBlocks(partsIn(program, 'self'), once, kept);
  const ofPairs = { outside: new Set(program.outputs.flatMap((o) => symbols(o.pair))), inLoops: new Set<string>() };
  const pairBlocks = spatialBlocks(partsIn(program, 'pair'), once, ofPairs);
  // Names are taken as they are printed, so the lines that are counted are printed by a printer of their own.
  const counted = {
    sampleBytes: peakBytes(ownBlocks, once, kept.inLoops, linesOf),
    pairBytes: peakBytes(pairBlocks, once, ofPairs.inLoops, linesOf),
  };
  const fresh = printerOf();
  return {
    self: selfBody(program, fresh, ownBlocks, fields, kept.inLoops),
    pair: pairBody(program, fresh, pairBlocks),
    ...counted,
  };
}

/** Names of values, and of coefficients, that loops declare. */
function namesInLoops(program: Program): ReadonlySet<string> {
  const once = onceEach(program);
  const loops = partsOverPositions(program).filter((p) => p.kind === 'layers');
  return new Set(
    loops.flatMap((l) => [...l.before.map((b) => b.variable), ...l.statements.flatMap((s) => declaredBy(s, once))]),
  );
}

/** Constants of selfValues that are alive at its end; in loops what pairs read, what is read later, and expansions. */
function keptOfSamples(program: Program, fields: ReadonlyMap<string, string>, inLoops: ReadonlySet<string>): Kept {
  const selves = program.outputs.flatMap((o) => symbols(o.self));
  const all = [...[...fields.values()].map((v) => v.replace(/\.a$/, '')), ...selves, ...tailsOf(program)];
  const loops = partsOverPositions(program).filter((p) => p.kind === 'layers');
  const leaving = loops.flatMap((loop) =>
    loop.leaving.filter((l) => l.own.domain === 'self' && variableOf(l, loop) === undefined).map(({ own }) => own.name),
  );
  return {
    outside: new Set(all.filter((name) => !inLoops.has(name))),
    inLoops: new Set([...all.filter((name) => inLoops.has(name)), ...leaving]),
  };
}

const tailsOf = (program: Program): readonly string[] =>
  [...ordersOf(onceEach(program))].flatMap(([name, orders]) =>
    [...orders].map((order) => coefficientsName(name, order)),
  );

function selfBody(
  program: Program,
  printer: SpatialPrinter,
  blocks: readonly SpatialBlock[],
  fields: ReadonlyMap<string, string>,
  inLoops: ReadonlySet<string>,
): readonly string[] {
  const positions = positionsOf(program.extents);
  const readsPoints = program.statements.some((s) => s.kind === 'inner');
  const isLarge = program.statements.some((s) => s.domain === 'full');
  const tails = new Set(tailsOf(program));
  const pushed = new Map(
    [...inLoops].flatMap((name) => [
      ...(fields.has(name) || !tails.has(name) ? [[name, fields.get(name) ?? name] as const] : []),
      ...(tails.has(name) ? [[`${name}Tail`, `${name}.tail`] as const] : []),
    ]),
  );
  const lines = blockLines(blocks, { printer, frees: isLarge, pushed });
  const diagonals = program.outputs
    .filter((o) => o.self.kind !== 'sym')
    .flatMap((o) => printer.value(diagonalName(o), o.self, { domain: 'self' }, new Scope(), depth));
  const tailTexts = [...tails].map((name) => (inLoops.has(name) ? `...${ofEach(`${name}Tail`)}` : `${name}.tail`));
  const returned = [...fields].map(([field, value]) =>
    inLoops.has(field) ? `${field}: tf.stack(${ofEach(field)}, 1)` : field === value ? field : `${field}: ${value}`,
  );
  const all = [...lines, ...diagonals];
  return [
    ...(all.some((l) => l.includes('[n, ')) ? ['const n = x.shape[0];'] : []),
    ...(readsPoints
      ? [`const points: tf.Tensor3D = tf.reshape(x, [-1, ${positions}, ${program.features / positions}]); // [n p c]`]
      : []),
    ...all,
    ...(tailTexts.length > 0
      ? ['// [n e], e expansions', ...listLines('const tails = tf.concat([', tailTexts, '], 1);', depth)]
      : []),
    ...listLines('return { ', [...returned, ...(tailTexts.length > 0 ? ['tails'] : [])], ' };', depth),
  ];
}

function pairBody(program: Program, printer: SpatialPrinter, blocks: readonly SpatialBlock[]): readonly string[] {
  const lines = blockLines(blocks, { printer, frees: true, pushed: new Map() });
  const scope = new Scope();
  const values = program.outputs
    .filter((o) => o.pair.kind !== 'sym')
    .flatMap((o) => printer.value(valuesName(o), o.pair, { domain: 'pair' }, scope, depth));
  const all = [...lines, ...scope.lines, ...values];
  const [first] = program.outputs.map(diagonalName);
  const names = program.outputs.map(valuesName);
  return [
    ...(all.some((l) => l.includes('[n, '))
      ? [`const [n, m] = [x.${first}.shape[0] ?? 0, y.${first}.shape[0] ?? 0];`]
      : []),
    ...all,
    ...(program.kernel === 'layerwise'
      ? listLines('return tf.stack([', names, ']) as tf.Tensor3D;', depth)
      : [`return ${names[0]};`]),
  ];
}
