import type { Term } from '../../../ir/einsum/index.ts';
import type { Symbols } from './symbols.ts';

export interface HierarchyJson {
  readonly network: string;
  readonly order: number;
  /** f is output `output` of the network, the free index −1 of a factor. */
  readonly layers: readonly {
    readonly weight: string;
    readonly input: string;
    readonly fanIn: string;
    readonly gain: number;
    readonly bias: number;
  }[];
  readonly terms: readonly {
    readonly coefficient: number;
    /** Powers of the scale gain/√fanIn of each layer. */
    readonly powers: readonly number[];
    readonly contractions: readonly (readonly FactorJson[])[];
  }[];
  readonly legend: readonly string[];
}

interface FactorJson {
  readonly tensor: string;
  readonly derivative?: number;
  readonly sample?: number;
  readonly indices: readonly number[];
}

export interface Head {
  readonly name: string;
  readonly order: number;
  readonly terms: number;
  readonly legend: readonly string[];
}

export function toJson({ name, order, legend }: Head, terms: readonly Term[], { layers }: Symbols): HierarchyJson {
  return {
    network: name,
    order,
    layers: layers.map(({ node, fanIn, gain }) => ({
      weight: `W${node.layer + 1}`,
      input: `u${node.layer + 1}`,
      fanIn: fanIn?.text ?? '1',
      gain: gain?.value ?? 1,
      bias: node.bias?.scale ?? 0,
    })),
    terms: terms.map(({ coefficient, powers, contractions }) => ({
      coefficient,
      powers,
      contractions: contractions.map(({ factors }) =>
        factors.map(({ tensor, derivative, sample, indices }) => ({
          tensor,
          ...(derivative > 0 && { derivative }),
          ...(sample >= 0 && { sample }),
          indices,
        })),
      ),
    })),
    legend,
  };
}
