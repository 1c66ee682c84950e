import { children, type Expr, symbols } from '../scalar/index.ts';
import { type Domain, type Program, resolve, type Statement } from './program.ts';
import { reads } from './prune.ts';
import { type Grid, positionsOf } from './spatial.ts';

/**
 * What every stage may rely on: names are unique identifiers, everything read is defined before, in a domain and at
 * positions where it can be read; self values never read pair values, numbers are finite. A violation is a fault of
 * ntkc, so it throws a plain Error.
 */
export function verifyProgram(program: Program): Program {
  const defined = new Map<string, Value>();
  for (const w of program.weights) defined.set(w.name, { domain: 'weight' });
  for (const s of program.statements) {
    demand(/^[A-Za-z]\w*$/.test(s.name) && !/_[xy]$/.test(s.name), `${s.name} is not a usable name`);
    demand(!defined.has(s.name), `${s.name} is defined twice`);
    verifyGrid(s);
    verifyStatement(s, defined, program);
    defined.set(s.name, { domain: s.kind === 'expand' ? 'expansion' : s.domain, ...(s.grid && { grid: s.grid }) });
  }
  for (const { value } of program.masks ?? [])
    demand(defined.get(value)?.domain === 'self', `${value} is a mask, but no self value`);
  demand(program.features % positionsOf(program.extents) === 0, 'the input has no whole number of channels');
  demand(program.outputs.length > 0, 'the program has no output');
  for (const o of program.outputs) {
    verifyReads(o.pair, { domain: 'pair' }, defined, `output ${o.name}`);
    verifyReads(o.self, { domain: 'self' }, defined, `diagonal of output ${o.name}`);
  }
  return program;
}

interface Value {
  readonly domain: Domain | 'expansion' | 'weight';
  readonly grid?: Grid;
}
type Defined = ReadonlyMap<string, Value>;

function verifyGrid({ name, domain, grid }: Statement): void {
  demand(domain !== 'full' || grid !== undefined, `${name} is full, but has no positions`);
  if (grid === undefined) return;
  demand(
    grid.extents.length > 0 && grid.extents.every((n) => Number.isInteger(n) && n > 0),
    `${name} has extents ${grid.extents}`,
  );
  if (domain !== 'pair')
    demand(grid.span === (domain === 'self' ? 'diagonal' : 'all'), `${name} is ${domain} of span ${grid.span}`);
}

function verifyStatement(s: Statement, defined: Defined, program: Program): void {
  switch (s.kind) {
    case 'inner':
      demand(Number.isFinite(s.scale), `${s.name}: scale ${s.scale}`);
      demand(same(s.grid?.extents, program.extents), `${s.name}: positions are not the input's`);
      break;
    case 'map':
      verifyReads(s.expr, s, defined, s.name);
      break;
    case 'expand':
      demand(
        defined.get(s.variance)?.domain === 'self',
        `${s.name} expands around ${s.variance}, which is no self value`,
      );
      demand(same(s.grid?.extents, defined.get(s.variance)?.grid?.extents ?? []), `${s.name}: positions`);
      demand(
        symbols(s.phi).every((v) => v === 'x'),
        `${s.name}: phi has variables besides x`,
      );
      break;
    case 'dual':
      demand(defined.get(s.expansion)?.domain === 'expansion', `${s.name} reads ${s.expansion}, which is no expansion`);
      demand(defined.get(s.covariance)?.domain === s.domain, `${s.name} reads ${s.covariance} in another domain`);
      break;
    default:
      verifySpatial(s, defined, program);
  }
  if ('diagonal' in s && s.diagonal !== undefined)
    demand(
      s.domain === 'full' && defined.get(s.diagonal)?.domain === 'self',
      `${s.name} takes ${s.diagonal} where p = p'`,
    );
}

const same = (a: readonly number[] = [], b: readonly number[] = []) => a.join() === b.join();

/** Statements over several positions: where each may read, and that tables fit. */
function verifySpatial(s: Statement, defined: Defined, program: Program): void {
  if (s.kind === 'present' || s.kind === 'pattern')
    demand(same(s.grid?.extents, program.extents) && s.domain === (s.kind === 'present' ? 'self' : 'full'), s.name);
  for (const name of reads(s)) demand(defined.has(name), `${s.name} reads ${name} before it is defined`);
  if (!('of' in s)) return;
  const of = defined.get(s.of) as Value;
  const fromFull =
    s.domain === 'full' ||
    (s.domain === 'self' &&
      (s.kind === 'linear' || s.kind === 'contract' || (s.kind === 'reduce' && s.over === 'all')));
  demand(of.domain === (fromFull ? 'full' : s.domain), `${s.name} reads ${s.of}, a ${of.domain} value`);
  demand(of.grid !== undefined, `${s.name} reads ${s.of}, which has no positions`);
  const needsAll =
    s.domain === 'pair' && (s.kind === 'linear' || s.kind === 'contract' || (s.kind === 'reduce' && s.over === 'all'));
  if (needsAll) demand(of.grid?.span === 'all', `${s.name} reads ${s.of} at all (p, p'), which it does not have`);
  if (s.kind === 'shiftSum') demand(s.grid?.span === of.grid?.span, `${s.name} and ${s.of} differ in span`);
  if (s.kind === 'contract')
    demand(defined.get(s.matrix)?.domain === 'full', `${s.name}: ${s.matrix} is no full value`);
  if (s.kind === 'shiftSum' || s.kind === 'linear' || s.kind === 'average')
    verifyAxes(s, of.grid?.extents ?? [], s.grid?.extents ?? []);
}

function verifyAxes(
  s: Extract<Statement, { kind: 'shiftSum' | 'linear' | 'average' }>,
  from: readonly number[],
  to: readonly number[],
): void {
  demand(s.axes.length === from.length && s.axes.length === to.length, `${s.name}: ${s.axes.length} axes`);
  const isPosition = (p: number, axis: number) => Number.isInteger(p) && p >= 0 && p < (from[axis] as number);
  if (s.kind === 'shiftSum')
    s.axes.forEach((axis, a) => {
      for (const table of axis)
        demand(table.length === to[a] && table.every((p) => p === -1 || isPosition(p, a)), `${s.name}: axis ${a}`);
    });
  else
    s.axes.forEach((axis, a) => {
      demand(axis.length === to[a], `${s.name}: axis ${a}`);
      for (const { from: start, weights } of axis)
        demand(
          weights.length === 0 || (isPosition(start, a) && isPosition(start + weights.length - 1, a)),
          `${s.name}: axis ${a} reads positions that are not there`,
        );
    });
}

function verifyReads(e: Expr, by: Pick<Statement, 'domain' | 'grid'>, defined: Defined, what: string): void {
  for (const symbol of symbols(e)) {
    const { name, at } = by.domain === 'self' ? { name: symbol, at: 'here' } : resolve(symbol);
    const found = defined.get(name);
    demand(found !== undefined, `${what} reads ${symbol} before it is defined`);
    const { domain, grid } = found as Value;
    if (domain === 'weight') demand(at === 'here', `${what} reads ${symbol}, a layer weight, at one end`);
    else if (at !== 'here') demand(domain === 'self', `${what} reads ${symbol}, which is no self value`);
    else if (by.domain === 'full')
      demand(
        domain === 'full' || (domain === 'self' && grid === undefined),
        `${what} reads ${symbol} in another domain`,
      );
    else demand(domain === by.domain, `${what} reads ${symbol} in another domain`);
    if (grid === undefined) continue;
    demand(same(by.grid?.extents, grid.extents), `${what} reads ${symbol} at other positions`);
    if (by.domain === 'pair' && domain === 'pair')
      demand(by.grid?.span === grid.span, `${what} and ${symbol} differ in span`);
  }
  verifyNumbers(e, what);
}

function verifyNumbers(e: Expr, what: string): void {
  if (e.kind === 'num') demand(Number.isFinite(e.value), `${what} holds ${e.value}`);
  if (e.kind === 'add')
    demand(
      e.terms.every((t) => Number.isFinite(t.coefficient)) && Number.isFinite(e.constant),
      `${what} holds a number that is not finite`,
    );
  for (const c of children(e)) verifyNumbers(c, what);
}

function demand(holds: boolean, message: string): void {
  if (!holds) throw new Error(`ntkc bug: kernel program: ${message}`);
}
