/** Statements outside passes as steps on whole arrays, and as numbers. */
import type { Dual, MovingStatement, Statement } from '../../../ir/program/index.ts';
import { flagName, type NumberValue, type Step } from './types.ts';

/** A statement of the end of a stage; `of` and `matrix` are the arrays it reads, in its own routine. */
export function endStep(s: MovingStatement, of: string, matrix: string | undefined): Step {
  switch (s.kind) {
    case 'linear':
    case 'average':
      return { kind: s.kind, of, to: s.name, axes: s.axes };
    case 'shiftSum':
      return { kind: 'gather', of, to: s.name, scale: s.scale, axes: s.axes };
    case 'onlyDiagonal':
    case 'softmax':
      return { kind: s.kind, of, to: s.name };
    case 'contract': {
      const inRecords = s.domain === 'pair';
      return { kind: 'contract', of, to: s.name, matrix: inRecords ? s.matrix : (matrix as string), inRecords };
    }
    case 'reduce':
      return { kind: 'sum', of, to: s.name, over: s.over };
  }
}

/** An expansion at all positions of a sample, or what it knows of it. */
export function levelStep(
  s: Statement,
  stage: number,
  storedAt: (name: string, stage: number) => { readonly array: string } | undefined,
): Step {
  const arrayOf = (name: string) => storedAt(name, stage)?.array as string;
  if (s.kind === 'expand') return { kind: 'expand', of: arrayOf(s.variance), expansion: s.name };
  if (s.kind !== 'dual') throw new Error(`ntkc bug: ${s.kind} between passes`);
  const { expansion, order } = s;
  return { kind: 'moment', of: arrayOf(s.covariance), to: s.name, expansion, order };
}

/** What comes after the pass of an expectation. */
export const patch = ({ name, expansion, order }: Dual, covariance: string): Step => ({
  kind: 'patch',
  of: name,
  covariance,
  flag: flagName(name),
  expansion,
  order,
});

/** A statement without positions. */
export function numberValue(s: Statement): readonly NumberValue[] {
  switch (s.kind) {
    case 'map':
      return [{ kind: 'map', name: s.name, expr: s.expr }];
    case 'expand':
      return [{ kind: 'expand', expansion: s.name, variance: s.variance }];
    case 'dual': {
      const { name, expansion, order, covariance } = s;
      return [
        s.domain === 'self'
          ? { kind: 'moment', name, expansion, order }
          : { kind: 'dual', name, expansion, order, covariance },
      ];
    }
    default:
      throw new Error(`ntkc bug: ${s.kind} is no number of its own`);
  }
}
