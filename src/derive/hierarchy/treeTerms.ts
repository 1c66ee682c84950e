/** The terms of K_r for any network: contractions of derivative tensors ∇^k f, one for each increasing tree. */
import { NtkcError } from '../../errors.ts';
import { type IncreasingTree, increasingTrees, neighboursOf } from '../../ir/tree/index.ts';

/** ∇^order f at one sample; `edges` are the edges of the tree its axes are contracted along. */
export interface TreeFactor {
  /** 0-based argument of K_r. */
  readonly sample: number;
  /** Number of ∇: the degree of the node. */
  readonly order: number;
  /** Edge e hangs node e + 1 on an earlier node: it came in with K_{e+2}. In increasing order. */
  readonly edges: readonly number[];
}

export interface TreeTerm {
  /** parents[i] < i: the node that node i hangs on; −1 for node 0. */
  readonly parents: readonly number[];
  /** One for each argument, in their order. */
  readonly factors: readonly TreeFactor[];
}

export interface TreeTerms {
  readonly order: number;
  /** (order − 1)! terms, each with coefficient 1, in the order of the product rule. */
  readonly terms: readonly TreeTerm[];
  /** "K3(α, β, γ) = ∇f_β·∇²f_α·∇f_γ + ...", one line a term. */
  readonly toText: () => string;
  /** Einstein notation, as in (11) of the paper. */
  readonly toLatex: () => string;
}

const samples = ['α', 'β', 'γ', 'ξ', 'ζ', 'η', 'μ', 'ν'] as const;
const samplesTex = ['\\alpha', '\\beta', '\\gamma', '\\xi', '\\zeta', '\\eta', '\\mu', '\\nu'] as const;
/** Names of edges: a parameter is W^(ℓ)_jk, the next one W^(s)_uv, as the paper has them. */
const indices = ['\\ell jk', 'suv', 'abc', 'def', 'ghi', 'mno', 'pqr'] as const;

/**
 * K_r as contractions of derivative tensors: K_2 one term, K_3 two, K_4 six, (r−1)! in general.
 * @throws NtkcError where the order is not a whole number from 2 to 8.
 * @eq lantk (11)
 */
export function treeTerms(order: number): TreeTerms {
  if (!Number.isInteger(order) || order < 2 || order > samples.length)
    throw new NtkcError({
      what: `there are no terms of K${order} to print`,
      expected: `an order from 2 to ${samples.length}`,
    });
  const terms = increasingTrees(order).map(termOf);
  const list = (names: readonly string[]) => names.slice(0, order);
  return Object.freeze({
    order,
    terms,
    toText: () => `K${order}(${list(samples).join(', ')}) = ${terms.map(textOf).join('\n  + ')}`,
    toLatex: () => {
      const left = `K^{(${order})}(${list(samplesTex)
        .map((name) => `x_{${name}}`)
        .join(', ')})`;
      return `\\begin{aligned}\n${left} &= ${terms.map(latexOf).join(' \\\\\n&\\quad + ')}\n\\end{aligned}`;
    },
  });
}

function termOf(tree: IncreasingTree): TreeTerm {
  const factors = neighboursOf(tree).map((neighbours, sample) => {
    const edges = neighbours.map((other) => Math.max(sample, other) - 1);
    return { sample, order: edges.length, edges };
  });
  return { parents: tree, factors };
}

/** A path as a chain of products, any other tree from its first node of three or more edges. */
function textOf({ parents, factors }: TreeTerm): string {
  const neighbours = neighboursOf(parents);
  const branching = factors.find(({ order }) => order > 2);
  const from = (node: number, before: number): string => {
    const next = (neighbours[node] as readonly number[]).filter((other) => other !== before);
    const { sample, order } = factors[node] as TreeFactor;
    const tensor = `∇${superscripts[order]}f_${samples[sample]}`;
    const parts = next.map((other) => from(other, node));
    if (parts.length === 0) return tensor;
    return parts.length === 1 && order <= 2 ? `${tensor}·${parts[0]}` : `${tensor}[${parts.join(', ')}]`;
  };
  if (branching !== undefined) return from(branching.sample, -1);
  // From the end that is not the newest sample: ∇f_β·∇²f_α·∇f_γ.
  const [end] = factors.filter(({ order }) => order === 1);
  return from((end as TreeFactor).sample, -1);
}
const superscripts = ['', '', '²', '³', '⁴', '⁵', '⁶', '⁷'] as const;

/** The first index of a tensor of two or more is raised, as the paper writes it. */
function latexOf({ factors }: TreeTerm): string {
  return factors
    .map(({ sample, order, edges }) => {
      const names = edges.map((edge) => indices[edge]);
      const raised = order > 1 ? `^{${names[0]}}` : '';
      const lowered = names.slice(order > 1 ? 1 : 0).join(',');
      return `(\\nabla${order > 1 ? `^${order}` : ''} f_{${samplesTex[sample]}})${raised}_{${lowered}}`;
    })
    .join('\\,');
}
