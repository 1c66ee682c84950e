/** The functions of a module whose values have positions: what is known of each sample, and the kernel of pairs. */
import { type Program, positionsOf, type Statement } from '../../../../ir/program/index.ts';
import { type Expr, symbols } from '../../../../ir/scalar/index.ts';
import { ordersOf } from '../groups.ts';
import { lineWidth, listLines } from '../lines.ts';
import { coefficientsName, diagonalName, valuesName } from '../statements.ts';
import { Scope } from './forms.ts';
import { type SpatialGroup, sampleFields, spatialGroups } from './groups.ts';
import { peakBytes } from './memory.ts';
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
  const printer = new SpatialPrinter(program, functions, tables, ordersOf(program));
  const linesOf = (s: Statement) => printer.lines(s, new Scope(), 0);
  const own = program.statements.filter((s) => s.domain !== 'pair');
  const fields = sampleFields(program);
  const ownGroups = spatialGroups(own, program, keptOfSamples(program, fields));
  const pairs = program.statements.filter((s) => s.domain === 'pair');
  const pairGroups = spatialGroups(pairs, program, new Set(program.outputs.flatMap((o) => symbols(o.pair))));
  // Names are taken as they are printed, so the lines that are counted are printed by a printer of their own.
  const counted = {
    sampleBytes: peakBytes(ownGroups, program, linesOf),
    pairBytes: peakBytes(pairGroups, program, linesOf),
  };
  const fresh = new SpatialPrinter(program, functions, tables, ordersOf(program));
  return {
    self: selfBody(program, fresh, ownGroups, fields),
    pair: pairBody(program, fresh, pairGroups),
    ...counted,
  };
}

/** Constants of selfValues that are alive at its end. */
function keptOfSamples(program: Program, fields: ReadonlyMap<string, string>): ReadonlySet<string> {
  const selves = program.outputs.flatMap((o) => symbols(o.self));
  return new Set([...[...fields.values()].map((v) => v.replace(/\.a$/, '')), ...selves, ...tailsOf(program)]);
}

const tailsOf = (program: Program): readonly string[] =>
  [...ordersOf(program)].flatMap(([name, orders]) => [...orders].map((order) => coefficientsName(name, order)));

/** Inside the function. */
const depth = 2;

function selfBody(
  program: Program,
  printer: SpatialPrinter,
  groups: readonly SpatialGroup[],
  fields: ReadonlyMap<string, string>,
): readonly string[] {
  const positions = positionsOf(program.extents);
  const readsPoints = program.statements.some((s) => s.kind === 'inner');
  const isLarge = program.statements.some((s) => s.domain === 'full');
  const lines = isLarge
    ? groups.flatMap((g) => groupLines(g, printer))
    : inOneScope(
        groups.flatMap((g) => g.statements),
        printer,
      );
  const diagonals = program.outputs
    .filter((o) => o.self.kind !== 'sym')
    .flatMap((o) => printer.value(diagonalName(o), o.self, { domain: 'self' }, new Scope(), depth));
  const tails = tailsOf(program).map((name) => `${name}.tail`);
  const returned = [...fields].map(([field, value]) => (field === value ? field : `${field}: ${value}`));
  const all = [...lines, ...diagonals];
  return [
    ...(all.some((l) => l.includes('[n, ')) ? ['const n = x.shape[0];'] : []),
    ...(readsPoints
      ? [`const points: tf.Tensor3D = tf.reshape(x, [-1, ${positions}, ${program.features / positions}]); // [n p c]`]
      : []),
    ...all,
    ...(tails.length > 0
      ? ['// [n e], e expansions', ...listLines('const tails = tf.concat([', tails, '], 1);', depth)]
      : []),
    ...listLines('return { ', [...returned, ...(tails.length > 0 ? ['tails'] : [])], ' };', depth),
  ];
}

function pairBody(program: Program, printer: SpatialPrinter, groups: readonly SpatialGroup[]): readonly string[] {
  const lines = groups.flatMap((g) => groupLines(g, printer));
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

/** Statements, each after what is declared for it. */
function inOneScope(statements: readonly Statement[], printer: SpatialPrinter, indent = depth): readonly string[] {
  const scope = new Scope();
  let shown = 0;
  return statements.flatMap((s) => {
    const own = printer.lines(s, scope, indent);
    const declared = scope.lines.slice(shown);
    shown = scope.lines.length;
    return [...declared, ...own];
  });
}

/** A group of one line stands alone; the intermediate tensors of all are freed when they end. */
function groupLines({ statements, live, dead }: SpatialGroup, printer: SpatialPrinter): readonly string[] {
  const inner = inOneScope(statements, printer, depth + 2);
  const freed = dead.length === 0 ? [] : listLines('tf.dispose([', dead, ']);', depth);
  const [only] = inner;
  const alone = inner.length === 1 && live.length === 1 ? aloneText(only as string) : undefined;
  if (alone !== undefined) return [alone, ...freed];
  return [
    ...listLines('const { ', live, ' } = tf.tidy(() => {', depth),
    ...inner.map((l) => `  ${l}`),
    ...listLines('return { ', live, ' };', depth + 2).map((l) => `  ${l}`),
    '});',
    ...freed,
  ];
}

/** One line that makes one tensor; undefined where it is too long for that. */
function aloneText(line: string): string | undefined {
  const [, declared, expression = '', comment] = /^(const [^=]+ = )(.*);( \/\/ .*)?$/.exec(line) ?? [];
  if (declared === undefined) return undefined;
  const calls = [...expression.matchAll(/\w+\(/g)].length;
  const code = `${declared}${calls < 2 ? expression : `tf.tidy(() => ${expression})`};`;
  const comments = [comment ?? '', (comment ?? '').replace(/ = .*/, '')];
  return comments.map((c) => code + c).find((text) => text.length + depth <= lineWidth);
}
