/**
 * The printed kernel program, one statement a line; `parseProgram` reads it back to an equal program, so that a bug
 * report is a text.
 */
import { NtkcError } from '../../errors.ts';
import { parseScalar, printScalar } from '../scalar/index.ts';
import {
  type Domain,
  type KernelName,
  kernelNames,
  type LayerWeight,
  type Mask,
  type Named,
  type Output,
  type Program,
  type Statement,
} from './program.ts';
import type { LinearAxis, Span } from './spatial.ts';
import { verifyProgram } from './verify.ts';

export function printProgram(p: Program): string {
  return [
    `program ${JSON.stringify(p.network)} ${p.kernel} features ${p.features}${p.extents.length === 0 ? '' : ` positions ${p.extents.join('x')}`}`,
    ...p.weights.map((w) => `weight ${w.name} = ${w.value} at ${w.path}`),
    ...(p.masks ?? []).map((m) => `mask ${m.value} at ${m.path}`),
    ...p.statements.map((s) => `${s.domain} ${s.name}${gridText(s)} = ${body(s)}`),
    ...p.outputs.map((o) => `output ${o.name} = ${printScalar(o.pair)} diagonal ${printScalar(o.self)}`),
    '',
  ].join('\n');
}

/** [6x5] of self and full values, whose span is known; [6x5 all] or [6x5 diagonal] of pairs. */
function gridText({ domain, grid }: Statement): string {
  if (grid === undefined) return '';
  return ` [${grid.extents.join('x')}${domain === 'pair' ? ` ${grid.span}` : ''}]`;
}

const whereEqual = ({ diagonal }: { readonly diagonal?: string }) =>
  diagonal === undefined ? '' : ` diagonal ${diagonal}`;

function body(s: Statement): string {
  switch (s.kind) {
    case 'inner':
      return `inner ${s.scale}`;
    case 'map':
      return `map ${printScalar(s.expr)}${whereEqual(s)}`;
    case 'expand':
      return `expand ${s.variance} phi ${printScalar(s.phi)} dphi ${printScalar(s.dphi)} kinks [${s.kinks}] tolerance ${s.tolerance} degree ${s.maxDegree}`;
    case 'dual':
      return `dual ${s.expansion} ${s.covariance} order ${s.order}${whereEqual(s)}`;
    case 'shiftSum':
      return `shiftSum ${s.of} scale ${s.scale} axes ${JSON.stringify(s.axes)}`;
    case 'linear':
    case 'average':
      return `${s.kind} ${s.of} axes ${JSON.stringify(s.axes.map((a) => a.map((row) => [row.from, row.weights])))}`;
    case 'reduce':
      return `reduce ${s.of} over ${s.over} scale ${s.scale}`;
    case 'contract':
      return `contract ${s.of} matrix ${s.matrix}`;
    case 'onlyDiagonal':
    case 'softmax':
      return `${s.kind} ${s.of}`;
    case 'pattern':
    case 'present':
      return s.kind;
  }
}

const headPattern = new RegExp(`^program (".*") (${kernelNames.join('|')}) features (\\d+)(?: positions ([\\dx]+))?$`);
const extentsOf = (text: string | undefined) => (text === undefined ? [] : text.split('x').map(Number));

/** @throws NtkcError with the line that does not read */
export function parseProgram(text: string): Program {
  const lines = text.split('\n').filter((l) => l.trim() !== '');
  const head = match(lines[0] ?? '', headPattern, 1);
  const weights: LayerWeight[] = [];
  const masks: Mask[] = [];
  const statements: Statement[] = [];
  const outputs: Output[] = [];
  for (const [i, line] of lines.slice(1).entries()) {
    if (line.startsWith('weight ')) weights.push(parseWeight(line, i + 2));
    else if (line.startsWith('mask ')) masks.push(parseMask(line, i + 2));
    else if (line.startsWith('output ')) outputs.push(parseOutput(line, i + 2));
    else statements.push(parseStatement(line, i + 2));
  }
  return verifyProgram({
    network: JSON.parse(head[1] as string) as string,
    kernel: head[2] as KernelName,
    features: Number(head[3]),
    extents: extentsOf(head[4]),
    weights,
    ...(masks.length > 0 && { masks }),
    statements,
    outputs,
  });
}

function match(line: string, pattern: RegExp, number: number): RegExpExecArray {
  const found = pattern.exec(line);
  if (found === null)
    throw new NtkcError({
      what: `not a line of a kernel program: ${line.slice(0, 80)}`,
      where: `line ${number}`,
      expected: 'the form printProgram writes',
    });
  return found;
}

const parseWeight = (line: string, n: number): LayerWeight => {
  const m = match(line, /^weight (\w+) = (\S+) at (.+)$/, n);
  return { name: m[1] as string, value: Number(m[2]), path: m[3] as string };
};

const parseMask = (line: string, n: number): Mask => {
  const m = match(line, /^mask (\w+) at (.+)$/, n);
  return { value: m[1] as string, path: m[2] as string };
};

const parseOutput = (line: string, n: number): Output => {
  const m = match(line, /^output (\w+) = (.+) diagonal (.+)$/, n);
  return { name: m[1] as string, pair: parseScalar(m[2] as string), self: parseScalar(m[3] as string) };
};

function parseStatement(line: string, n: number): Statement {
  const m = match(line, /^(self|full|pair) (\w+)(?: \[([\dx]+)(?: (all|diagonal))?\])? = (\w+) ?(.*)$/, n);
  const domain = m[1] as Domain;
  const span = (m[4] as Span | undefined) ?? (domain === 'self' ? 'diagonal' : 'all');
  const named: Named = {
    name: m[2] as string,
    domain,
    ...(m[3] !== undefined && { grid: { extents: extentsOf(m[3]), span } }),
  };
  const rest = m[6] as string;
  const parser = Object.hasOwn(parsers, m[5] as string) ? parsers[m[5] as Statement['kind']] : undefined;
  if (parser === undefined) match(line, /^$/, n);
  return { ...named, ...(parser as Parser)(rest, n) } as Statement;
}

type Parser = (rest: string, line: number) => object;

const parsers: Readonly<Record<Statement['kind'], Parser>> = {
  inner: (rest) => ({ kind: 'inner', scale: Number(rest) }),
  map: (rest, n) => {
    const m = match(rest, /^(.+?)(?: diagonal (\w+))?$/, n);
    return { kind: 'map', expr: parseScalar(m[1] as string), ...(m[2] && { diagonal: m[2] }) };
  },
  dual: (rest, n) => {
    const m = match(rest, /^(\w+) (\w+) order ([01])(?: diagonal (\w+))?$/, n);
    const [, expansion, covariance, order, diagonal] = m;
    return { kind: 'dual', expansion, covariance, order: Number(order), ...(diagonal && { diagonal }) };
  },
  expand: (rest, n) => {
    const e = match(rest, /^(\w+) phi (.+) dphi (.+) kinks \[(.*)\] tolerance (\S+) degree (\d+)$/, n);
    const kinks = e[4] === '' ? [] : (e[4] as string).split(',').map(Number);
    const [phi, dphi] = [parseScalar(e[2] as string), parseScalar(e[3] as string)];
    return { kind: 'expand', variance: e[1], phi, dphi, kinks, tolerance: Number(e[5]), maxDegree: Number(e[6]) };
  },
  shiftSum: (rest, n) => {
    const m = match(rest, /^(\w+) scale (\S+) axes (.+)$/, n);
    return { kind: 'shiftSum', of: m[1], scale: Number(m[2]), axes: JSON.parse(m[3] as string) };
  },
  linear: (rest, n) => ({ kind: 'linear', ...matrixAxes(rest, n) }),
  average: (rest, n) => ({ kind: 'average', ...matrixAxes(rest, n) }),
  reduce: (rest, n) => {
    const m = match(rest, /^(\w+) over (all|diagonal) scale (\S+)$/, n);
    return { kind: 'reduce', of: m[1], over: m[2], scale: Number(m[3]) };
  },
  contract: (rest, n) => {
    const m = match(rest, /^(\w+) matrix (\w+)$/, n);
    return { kind: 'contract', of: m[1], matrix: m[2] };
  },
  onlyDiagonal: (rest) => ({ kind: 'onlyDiagonal', of: rest }),
  softmax: (rest) => ({ kind: 'softmax', of: rest }),
  pattern: () => ({ kind: 'pattern' }),
  present: () => ({ kind: 'present' }),
};

function matrixAxes(rest: string, line: number): { readonly of: string; readonly axes: readonly LinearAxis[] } {
  const m = match(rest, /^(\w+) axes (.+)$/, line);
  const axes = JSON.parse(m[2] as string) as readonly (readonly (readonly [number, readonly number[]])[])[];
  return { of: m[1] as string, axes: axes.map((axis) => axis.map(([from, weights]) => ({ from, weights }))) };
}
