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
  type Output,
  type Program,
  type Statement,
} from './program.ts';
import { verifyProgram } from './verify.ts';

export function printProgram(p: Program): string {
  return [
    `program ${JSON.stringify(p.network)} ${p.kernel} features ${p.features}`,
    ...p.weights.map((w) => `weight ${w.name} = ${w.value} at ${w.path}`),
    ...p.statements.map((s) => `${s.domain} ${s.name} = ${body(s)}`),
    ...p.outputs.map((o) => `output ${o.name} = ${printScalar(o.pair)} diagonal ${printScalar(o.self)}`),
    '',
  ].join('\n');
}

function body(s: Statement): string {
  switch (s.kind) {
    case 'inner':
      return `inner ${s.scale}`;
    case 'map':
      return `map ${printScalar(s.expr)}`;
    case 'expand':
      return `expand ${s.variance} phi ${printScalar(s.phi)} dphi ${printScalar(s.dphi)} kinks [${s.kinks}] tolerance ${s.tolerance} degree ${s.maxDegree}`;
    case 'dual':
      return `dual ${s.expansion} ${s.covariance} order ${s.order}`;
  }
}

const headPattern = new RegExp(`^program (".*") (${kernelNames.join('|')}) features (\\d+)$`);

/** @throws NtkcError with the line that does not read */
export function parseProgram(text: string): Program {
  const lines = text.split('\n').filter((l) => l.trim() !== '');
  const head = match(lines[0] ?? '', headPattern, 1);
  const weights: LayerWeight[] = [];
  const statements: Statement[] = [];
  const outputs: Output[] = [];
  for (const [i, line] of lines.slice(1).entries()) {
    if (line.startsWith('weight ')) weights.push(parseWeight(line, i + 2));
    else if (line.startsWith('output ')) outputs.push(parseOutput(line, i + 2));
    else statements.push(parseStatement(line, i + 2));
  }
  return verifyProgram({
    network: JSON.parse(head[1] as string) as string,
    kernel: head[2] as KernelName,
    features: Number(head[3]),
    weights,
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

const parseOutput = (line: string, n: number): Output => {
  const m = match(line, /^output (\w+) = (.+) diagonal (.+)$/, n);
  return { name: m[1] as string, pair: parseScalar(m[2] as string), self: parseScalar(m[3] as string) };
};

function parseStatement(line: string, n: number): Statement {
  const m = match(line, /^(self|pair) (\w+) = (inner|map|expand|dual) (.+)$/, n);
  const domain = m[1] as Domain;
  const name = m[2] as string;
  const rest = m[4] as string;
  switch (m[3]) {
    case 'inner':
      return { kind: 'inner', name, domain, scale: Number(rest) };
    case 'map':
      return { kind: 'map', name, domain, expr: parseScalar(rest) };
    case 'dual': {
      const d = match(rest, /^(\w+) (\w+) order ([01])$/, n);
      return {
        kind: 'dual',
        name,
        domain,
        expansion: d[1] as string,
        covariance: d[2] as string,
        order: Number(d[3]) as 0 | 1,
      };
    }
    default: {
      const e = match(rest, /^(\w+) phi (.+) dphi (.+) kinks \[(.*)\] tolerance (\S+) degree (\d+)$/, n);
      const kinks = e[4] === '' ? [] : (e[4] as string).split(',').map(Number);
      const [phi, dphi] = [parseScalar(e[2] as string), parseScalar(e[3] as string)];
      return {
        kind: 'expand',
        name,
        domain: 'self',
        variance: e[1] as string,
        phi,
        dphi,
        kinks,
        tolerance: Number(e[5]),
        maxDegree: Number(e[6]),
      };
    }
  }
}
