import type { Fields } from '../ir/arch/index.ts';
import { differentiate, type Expr, mapChildren, mul, pow } from '../ir/scalar/index.ts';
import type { Activation, ClosedDual, SeriesDual } from '../ops/dual.ts';
import type { ActivationRule, Kernel, Op } from '../ops/op.ts';
import { onDiagonal, onPair } from './formulas.ts';
import type { ProgramBuilder } from './programBuilder.ts';
import { letters } from './values.ts';

/** K ← κ(q, q', K) and, where a tangent kernel is wanted, κ̇ = ∂κ/∂K (Price's theorem). */
export interface ActivationKernels {
  readonly nngp: Kernel;
  readonly dot: Kernel | undefined;
}

export function applyActivation(
  b: ProgramBuilder,
  activation: Activation,
  k: Kernel,
  wantsDot: boolean,
): ActivationKernels {
  const index = b.next('activation');
  const { dual } = activation;
  return dual.kind === 'closed'
    ? closed(b, dual, k, index, wantsDot)
    : series(b, activation.phi, dual, k, index, wantsDot);
}

function closed(b: ProgramBuilder, dual: ClosedDual, k: Kernel, index: number, wantsDot: boolean): ActivationKernels {
  const onPairs = writer(b, dual, k, k.pair, 'pair', index);
  const onFull = k.full && writer(b, dual, k, k.full, 'full', index);
  const at = (e: Expr): Kernel => ({
    pair: onPairs(e),
    self: onDiagonal(e, k.self),
    ...(onFull && k.extents && { full: onFull(e), extents: k.extents }),
    ...(k.present && { present: k.present }),
  });
  const nngp = b.name('sigmaHat', index, at(dual.kappa));
  return { nngp, dot: wantsDot ? b.name('dotSigma', index, at(dual.dotKappa)) : undefined };
}

/** Writes formulas at a covariance. Labels are replaced by their names in all that is written after them. */
function writer(
  b: ProgramBuilder,
  dual: ClosedDual,
  k: Kernel,
  covariance: Expr,
  domain: 'pair' | 'full',
  index: number,
): (e: Expr) => Expr {
  const named = new Map<Expr, Expr>(); // the outermost match wins
  const write = (e: Expr) => onPair(withLabels(e, named), covariance, k.self);
  for (const label of dual.labels) named.set(label.expr, b.label(label, index, write(label.expr), domain, k.extents));
  return write;
}

/** Replaces labels by their names; where a label is a square root, its other odd powers too. */
function withLabels(e: Expr, named: ReadonlyMap<Expr, Expr>): Expr {
  const roots = new Map<Expr, Expr>();
  for (const [label, name] of named)
    if (label.kind === 'mul' && label.factors.length === 1 && label.factors[0]?.exponent === 0.5)
      roots.set(label.factors[0].base, name);
  const visit = (x: Expr): Expr => {
    const name = named.get(x);
    if (name !== undefined) return name;
    if (x.kind !== 'mul') return mapChildren(x, visit);
    return mul(
      ...x.factors.map(({ base, exponent }) => {
        const root = Number.isInteger(exponent) ? undefined : roots.get(base);
        return root === undefined ? pow(visit(base), exponent) : pow(root, 2 * exponent);
      }),
    );
  };
  return visit(e);
}

function series(
  b: ProgramBuilder,
  phi: Expr,
  dual: SeriesDual,
  k: Kernel,
  index: number,
  wantsDot: boolean,
): ActivationKernels {
  const { kinks, tolerance, maxDegree } = dual;
  const known = b.force(k);
  const expansion = `hermite${index}`;
  b.push(
    {
      kind: 'expand',
      name: expansion,
      domain: 'self',
      variance: known.self,
      phi,
      dphi: differentiate(phi, 'x'),
      kinks,
      tolerance,
      maxDegree,
      ...(known.extents && { grid: { extents: known.extents, span: 'diagonal' } }),
    },
    { letter: letters.hermite, index: `${index}`, domain: 'self' },
  );
  return {
    nngp: b.dual('sigmaHat', index, expansion, known, 0),
    dot: wantsDot ? b.dual('dotSigma', index, expansion, known, 1) : undefined,
  };
}

/** A closed form for a formula that some op knows; else the rule as it is. */
export function recogniseFormula(rule: ActivationRule, ops: Iterable<Op>): ActivationRule {
  if (rule.activation.dual.kind === 'closed') return rule;
  for (const op of ops) {
    const fields: Fields | undefined = op.recognise?.(rule.activation.phi);
    if (fields === undefined) continue;
    const known = op.kernel?.(fields, { fanIn: Number.POSITIVE_INFINITY, extents: [] });
    if (known?.kind !== 'activation') continue;
    const { phi, phiTex } = rule.activation;
    return {
      ...known,
      name: `formula recognised as ${op.name}, dual activation`,
      activation: { ...known.activation, phi, phiTex },
    };
  }
  return rule;
}
