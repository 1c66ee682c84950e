import { children, type Expr, symbols } from '../scalar/index.ts';
import { type Program, resolve, type Statement } from './program.ts';

/**
 * What every stage may rely on: names are unique identifiers, everything read is defined before, self values never
 * read pair values, numbers are finite. A violation is a fault of ntkc, so it throws a plain Error.
 */
export function verifyProgram(program: Program): Program {
  const defined = new Map<string, Statement['domain'] | 'expansion' | 'weight'>();
  for (const w of program.weights) defined.set(w.name, 'weight');
  for (const s of program.statements) {
    demand(/^[A-Za-z]\w*$/.test(s.name) && !/_[xy]$/.test(s.name), `${s.name} is not a usable name`);
    demand(!defined.has(s.name), `${s.name} is defined twice`);
    verifyStatement(s, defined);
    defined.set(s.name, s.kind === 'expand' ? 'expansion' : s.domain);
  }
  demand(program.outputs.length > 0, 'the program has no output');
  for (const o of program.outputs) {
    verifyReads(o.pair, 'pair', defined, `output ${o.name}`);
    verifyReads(o.self, 'self', defined, `diagonal of output ${o.name}`);
  }
  return program;
}

type Defined = ReadonlyMap<string, Statement['domain'] | 'expansion' | 'weight'>;

function verifyStatement(s: Statement, defined: Defined): void {
  switch (s.kind) {
    case 'inner':
      demand(Number.isFinite(s.scale), `${s.name}: scale ${s.scale}`);
      break;
    case 'map':
      verifyReads(s.expr, s.domain, defined, s.name);
      break;
    case 'expand':
      demand(defined.get(s.variance) === 'self', `${s.name} expands around ${s.variance}, which is no self value`);
      demand(
        symbols(s.phi).every((v) => v === 'x'),
        `${s.name}: phi has variables besides x`,
      );
      break;
    case 'dual':
      demand(defined.get(s.expansion) === 'expansion', `${s.name} reads ${s.expansion}, which is no expansion`);
      demand(defined.get(s.covariance) === s.domain, `${s.name} reads ${s.covariance} in another domain`);
  }
}

function verifyReads(e: Expr, domain: 'self' | 'pair', defined: Defined, what: string): void {
  for (const symbol of symbols(e)) {
    const { name, at } = domain === 'pair' ? resolve(symbol) : { name: symbol, at: 'here' };
    const kind = defined.get(name);
    const expected = at === 'here' && domain === 'pair' ? 'pair' : 'self';
    demand(
      kind === expected || (kind === 'weight' && at === 'here'),
      `${what} reads ${symbol}, which is ${kind ?? 'undefined'} there`,
    );
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
