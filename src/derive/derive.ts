/**
 * From a network to the program of its kernels, layer by layer. Knows no op by name: an op's rule says how K changes
 * and which linear map carries T; the parameters' own term, the layer weights and κ̇ are added here, for every op.
 */
import { NtkcError } from '../errors.ts';
import { type Layer, located, type Network } from '../ir/arch/index.ts';
import {
  type Domain,
  type KernelName,
  type LayerWeight,
  positionsOf,
  prune,
  resolve,
  type Statement,
  verifyProgram,
  withSpans,
} from '../ir/program/index.ts';
import { add, mul, num, sym, symbols } from '../ir/scalar/index.ts';
import type { ActivationRule, CovarianceRule, JoinRule, Kernel, KernelRule, LinearRule, Op } from '../ops/op.ts';
import { opsWithout, vocabulary as standardVocabulary } from '../ops/vocabulary.ts';
import { applyActivation, recogniseFormula } from './activation.ts';
import { withoutCopies } from './copies.ts';
import { applyCovariance, placesOf, requireInput } from './covariance.ts';
import type { Derivation, Step } from './derivation.ts';
import { outputsOf } from './outputs.ts';
import { zeroKernel } from './positionsBuilder.ts';
import { ProgramBuilder } from './programBuilder.ts';
import { joined, type Kernels, lengthOf, type State, sameKernels, sharesOf } from './state.ts';
import { gridOf } from './statements.ts';
import { letters } from './values.ts';

const maxLayerwise = 300;

export interface DeriveOptions {
  /** Ops to derive with; the registry's unless a test plants others. */
  readonly vocabulary?: ReadonlyMap<string, Op>;
}

/** The steps and the program, without the writing; `derive` of index.ts is the public door. */
export function deriveSteps(network: Network, kernel: KernelName, options: DeriveOptions = {}): Derivation {
  return new Derive(network, kernel, options.vocabulary ?? standardVocabulary).run();
}

class Derive {
  readonly #b = new ProgramBuilder((b, activation, k) => {
    const rule: ActivationRule = { kind: 'activation', name: '', source: '', activation };
    const known = recogniseFormula(rule, this.#vocabulary.values()).activation;
    const { nngp, dot } = applyActivation(b, known, k, true);
    return { kappa: nngp, dotKappa: dot as Kernel };
  });
  readonly #steps: Step[] = [];
  readonly #weights: LayerWeight[] = [];
  readonly #network: Network;
  readonly #kernel: KernelName;
  readonly #vocabulary: ReadonlyMap<string, Op>;

  constructor(network: Network, kernel: KernelName, vocabulary: ReadonlyMap<string, Op>) {
    this.#network = network;
    this.#kernel = kernel;
    this.#vocabulary = vocabulary;
  }

  run(): Derivation {
    const start = this.#input();
    const end = this.#layers(this.#network.layers, start, 'layers');
    const outputs = outputsOf(this.#network, this.#kernel, this.#weights.length, end);
    const { shape } = this.#network.input;
    const head = {
      network: this.#network.name,
      kernel: this.#kernel,
      features: positionsOf(shape),
      extents: shape.slice(0, -1),
      weights: this.#kernel === 'wntk' ? this.#weights : [],
    };
    const written = withSpans(prune({ ...head, ...this.#b.body(this.#steps), outputs }));
    const program = withSpans(prune({ ...head, ...withoutCopies(written) }));
    verifyProgram(program);
    const kept = new Set(written.statements.map((s) => s.name));
    const steps = this.#steps.map((s) => ({ ...s, statements: s.statements.filter((name) => kept.has(name)) }));
    return { network: this.#network, kernel: this.#kernel, steps, written, program, notation: this.#b.notation };
  }

  /** K0 = ⟨x, x'⟩/d, T0 = 0. */
  #input(): State {
    const { shape } = this.#network.input;
    const channels = shape.at(-1) as number;
    const extents = shape.slice(0, -1);
    const nngp = this.#step(
      { path: 'input', op: 'input', rule: 'Gram matrix of the inputs', source: 'wntk-tan2021 (11)' },
      () => {
        const inner = (name: string, domain: Domain) =>
          this.#b.push(
            { kind: 'inner', name, domain, scale: 1 / channels, ...gridOf(domain, extents) },
            { letter: letters.sigma, index: '0', domain },
          );
        const vector = { self: inner('q0', 'self'), pair: inner('sigma0', 'pair') };
        if (extents.length === 0) return vector;
        const present = this.#network.input.masked === true ? { present: this.#b.present(extents) } : {};
        return { ...vector, full: inner('sigmaFull0', 'full'), extents, ...present };
      },
    );
    return {
      nngp,
      tangents: new Map(),
      notGaussian: ['the input'],
      uniform: false,
      origins: new Set([{ path: 'the input', given: 'input' as const }]),
      width: { units: channels, free: false },
      extents,
    };
  }

  #layers(layers: readonly Layer[], start: State, path: string): State {
    return layers.reduce(
      (state, layer, i) => located(`${path}[${i}]`, () => this.#layer(layer, state, `${path}[${i}]`)),
      start,
    );
  }

  #layer(layer: Layer, state: State, path: string): State {
    const op = this.#vocabulary.get(layer.op);
    if (op === undefined)
      throw new NtkcError({
        what: `unknown op ${layer.op}`,
        expected: `one of ${[...this.#vocabulary.keys()].sort().join(', ')}`,
      });
    if (op.copies !== undefined) {
      const copies = Array.from({ length: op.copies(layer) }, () => layer.layers ?? []);
      return copies.reduce((current, layers) => this.#layers(layers, current, `${path}.layers`), state);
    }
    const branches = layer.branches?.map((b, i) => this.#layers(b, state, `${path}.branches[${i}]`));
    const rule = op.kernel?.(layer, { fanIn: lengthOf(state.width), extents: state.extents });
    if (rule === undefined)
      throw new NtkcError({
        what: `${layer.op} has no kernel rule`,
        expected: `any op but ${opsWithout('kernel', this.#vocabulary)}`,
        ...(op.forward && { next: 'Estimate the kernel from finite networks: ntkc gram --samples.' }),
      });
    return this.#apply(rule, layer, state, branches ?? [state], path);
  }

  #apply(rule: KernelRule, layer: Layer, state: State, branches: readonly State[], path: string): State {
    switch (rule.kind) {
      case 'linear':
        return this.#linear(rule, layer, state, path);
      case 'activation':
        return this.#activation(recogniseFormula(rule, this.#vocabulary.values()), layer, state, path);
      case 'covariance':
        return this.#covariance(rule, layer, state, path);
      case 'join':
        return this.#join(rule, layer, state, branches, path);
    }
  }

  #linear(rule: LinearRule, layer: Layer, state: State, path: string): State {
    const { parameter } = rule;
    if (parameter === undefined) {
      const text = { path, op: layer.op, rule: rule.name, source: rule.source };
      const { nngp, tangents } = this.#step(text, () => ({
        nngp: rule.nngp(this.#b, state.nngp),
        tangents: this.#carry(state.tangents, (t) => rule.tangent(this.#b, t, state.nngp)),
      }));
      this.#settle(state, { nngp, tangents });
      const extents = nngp.extents ?? [];
      if (rule.neurons !== 'flattened') return { ...state, nngp, tangents, extents };
      const { units, free } = state.width;
      const width = { units: units * positionsOf(state.extents), free };
      return { ...state, nngp, tangents, extents, width, notGaussian: [path], uniform: false };
    }
    const index = this.#weights.push({ name: `mu${this.#weights.length + 1}`, value: parameter.weight, path });
    if (this.#kernel === 'layerwise' && index > maxLayerwise)
      throw new NtkcError({
        what: `the layer-wise kernels of more than ${maxLayerwise} layers take a number of steps that grows with its square`,
        expected: `at most ${maxLayerwise} layers with parameters`,
        next: 'Use the wntk with all layer weights 0 but one.',
      });
    const text = { path, op: layer.op, rule: rule.name, source: rule.source, layer: index };
    const { nngp, tangents } = this.#step(text, () => {
      const nngp = this.#b.name('sigma', index, rule.nngp(this.#b, state.nngp));
      if (this.#kernel === 'nngp') return { nngp, tangents: state.tangents };
      const own = this.#weighted(parameter.term(this.#b, state.nngp, nngp), index);
      return {
        nngp,
        tangents: this.#withOwnTerm(
          this.#carry(state.tangents, (t) => rule.tangent(this.#b, t, state.nngp)),
          own,
          index,
        ),
      };
    });
    const declared = typeof layer.width === 'number' ? layer.width : undefined;
    const width = { units: declared ?? 1, free: declared === undefined };
    const origins = new Set([{ path, given: 'independent' as const }]);
    return { nngp, tangents, notGaussian: [], uniform: true, origins, width, extents: nngp.extents ?? [] };
  }

  /** μ_l · (the layer's own term); μ is a symbol for the weighted kernel, 1 for the others. */
  #weighted(term: Kernel, index: number): Kernel {
    return this.#kernel === 'wntk' ? this.#b.lift([term], (t) => mul(sym(`mu${index}`), t)) : term;
  }

  /** T ← (T carried) + own term; layer-wise, the own term starts a tangent kernel of its own. */
  #withOwnTerm(carried: ReadonlyMap<string, Kernel>, own: Kernel, index: number): ReadonlyMap<string, Kernel> {
    if (this.#kernel === 'layerwise') {
      const all = [...carried, [`${index}`, own] as const];
      return new Map(all.map(([of, t]) => [of, this.#b.name('theta', index, t, Number(of))]));
    }
    const sum = this.#b.lift([carried.get('all') ?? zeroKernel, own], add);
    return new Map([['all', this.#b.name('theta', index, sum)]]);
  }

  #carry(tangents: State['tangents'], f: (t: Kernel) => Kernel): State['tangents'] {
    return new Map([...tangents].map(([name, t]) => [name, f(t)]));
  }

  #activation(rule: ActivationRule, layer: Layer, state: State, path: string): State {
    if (state.notGaussian.length > 0)
      throw new NtkcError({
        what: `${layer.op}: its input is not Gaussian (it follows ${placesOf(state.notGaussian, state.origins)})`,
        expected: 'a dense or conv, or a sum of such, before it',
        next: 'Insert dense().',
      });
    const { phi, phiTex } = rule.activation;
    const text = { path, op: layer.op, rule: rule.name, source: rule.source, phi, phiTex, covariance: state.nngp };
    return this.#step(text, () => {
      const { nngp, dot } = applyActivation(this.#b, rule.activation, state.nngp, state.tangents.size > 0);
      const index = this.#b.next('thetaHat');
      const tangents = [...state.tangents].map(([of, t]) => {
        const carried = this.#b.lift([t, dot ?? { pair: num(1), self: num(1) }], mul);
        return [of, this.#b.name('thetaHat', index, carried, of === 'all' ? undefined : Number(of))] as const;
      });
      return {
        ...state,
        nngp,
        tangents: new Map(tangents),
        notGaussian: [path],
        origins: new Set([{ path, given: 'dependent' as const }]),
      };
    });
  }

  #covariance(rule: CovarianceRule, layer: Layer, state: State, path: string): State {
    requireInput(layer.op, rule, state);
    const noisy = rule.noisyKappa !== undefined;
    const text = { path, op: layer.op, rule: rule.name, source: rule.source, ...(noisy && { noisy }) };
    const kernels = this.#step(text, () => applyCovariance(this.#b, rule, state.nngp, state.tangents));
    if (rule.neurons === 'scaled') return { ...state, ...kernels };
    const origins = rule.neurons === 'masked' ? state.origins : new Set([{ path, given: 'dependent' as const }]);
    return { ...state, ...kernels, notGaussian: [path], origins };
  }

  #join(rule: JoinRule, layer: Layer, split: State, branches: readonly State[], path: string): State {
    const result = joined(rule.neurons, path, branches, split.origins);
    const shares = rule.neurons === 'concatenated' ? sharesOf(branches) : [];
    const keys = new Set(branches.flatMap((s) => [...s.tangents.keys()]));
    return this.#step({ path, op: layer.op, rule: rule.name, source: rule.source }, () => {
      const index = this.#b.next('sigmaSum');
      const ks = branches.map((s) => s.nngp);
      const nngp = this.#b.name('sigmaSum', index, rule.nngp(this.#b, ks, shares));
      const tangents = [...keys].map((of) => {
        const t = rule.tangent(
          this.#b,
          branches.map((s) => s.tangents.get(of) ?? zeroKernel),
          ks,
          shares,
        );
        return [of, this.#b.name('thetaSum', index, t, of === 'all' ? undefined : Number(of))] as const;
      });
      return { ...result, nngp, tangents: new Map(tangents), extents: nngp.extents ?? [] };
    });
  }

  /** A step without statements goes where it changes nothing; else another made its values. */
  #settle(before: Kernels, after: Kernels): void {
    const step = this.#steps.at(-1);
    if (step === undefined || step.statements.length > 0) return;
    this.#steps.pop();
    if (sameKernels(before, after)) return;
    const read = new Set(symbols(after.nngp.pair).map((name) => resolve(name).name));
    const maker = this.#steps.findLast(({ statements }) => statements.some((name) => read.has(name)));
    this.#steps.push(maker === undefined ? step : { ...step, madeAt: maker.path });
  }

  /** Runs one rule and records the statements it adds. */
  #step<T>(text: Omit<Step, 'statements'>, f: () => T): T {
    const before = this.#b.statements.length;
    const result = f();
    const added = this.#b.statements.slice(before).map((s: Statement) => s.name);
    this.#steps.push({ ...text, statements: added });
    return result;
  }
}
