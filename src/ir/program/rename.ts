import { renameInPlace } from '../scalar/index.ts';
import { resolve, type Statement } from './program.ts';

type Called = (name: string) => string;

/**
 * A statement under other names, its own and those it reads. Terms keep the order that they had by their old names, so
 * what is computed is the same to the last bit.
 */
export function renamed(s: Statement, called: Called): Statement {
  const name = called(s.name);
  const diagonal = 'diagonal' in s && s.diagonal !== undefined ? { diagonal: called(s.diagonal) } : {};
  switch (s.kind) {
    case 'inner':
    case 'pattern':
    case 'present':
      return { ...s, name };
    case 'map':
      return { ...s, name, expr: renameInPlace(s.expr, s.domain === 'self' ? called : atEnds(called)), ...diagonal };
    case 'expand':
      return { ...s, name, variance: called(s.variance) };
    case 'dual':
      return { ...s, name, expansion: called(s.expansion), covariance: called(s.covariance), ...diagonal };
    case 'contract':
      return { ...s, name, of: called(s.of), matrix: called(s.matrix) };
    default:
      return { ...s, name, of: called(s.of) };
  }
}

const atEnds =
  (called: Called): Called =>
  (symbol) => {
    const { name, at } = resolve(symbol);
    return at === 'here' ? called(name) : `${called(name)}_${at}`;
  };
