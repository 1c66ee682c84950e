/** K3 and K4 by three routes and in expectation: right ones pass on many networks, planted errors do not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dense, elementwise, erf, network, relu, repeat, sum } from '../../src/ops/vocabulary.ts';
import { networks } from '../../src/testing/index.ts';
import { reportHtml, type VerifyOptions, type VerifyReport, verify, verifyTable } from '../../src/verify/index.ts';
import {
  coefficientDoubled,
  expectationTimes,
  jetsTimes,
  lastLayerForgotten,
  lastTwoExchanged,
  powerOff,
  termDropped,
} from './hierarchyPlants.ts';

const layer = { wStd: 1.3, bStd: 0.4 };
const three = network({ input: { shape: [3] }, layers: [dense(layer), erf(), dense(layer), erf(), dense(layer)] });
const two = (activation: ReturnType<typeof relu>) =>
  network({ name: 'two', input: { shape: [3] }, layers: [dense(layer), activation, dense(layer)] });

const rowsWith = ({ hierarchy }: VerifyReport, verdict: string) =>
  hierarchy.filter((r) => r.verdict === verdict).map((r) => `${r.kernel} ${r.check}`);
const routesOf = (kernel: string) =>
  ['terms = jets', 'jets = differences', 'terms = differences'].map((c) => `${kernel} ${c}`);

describe('K3 and K4', () => {
  it('agree by terms, jets and differences, and K4 in expectation', async () => {
    for (const net of [two(erf()), two(elementwise('tanh(x)'))]) {
      const report = await verify(net, { kernels: ['k3', 'k4'] });
      expect(rowsWith(report, 'agrees')).toEqual(
        ['k3', 'k4']
          .flatMap((k) => [...routesOf(k), `${k} swap, jets`, `${k} swap, terms`])
          .concat('k4 mean = expectation'),
      );
      expect(report).toMatchObject({ passed: true, kernels: ['k3', 'k4'], laws: [], monteCarlo: [] });
    }
  });

  it('of kinked activations: pointwise at parameters, smoothed in expectation', async () => {
    const { hierarchy, passed } = await verify(two(relu()), { kernels: ['k4'] });
    expect(passed).toBe(true);
    expect(hierarchy.map((r) => r.verdict)).toEqual(hierarchy.map(() => 'agrees'));
    expect(hierarchy.find((r) => r.check === 'jets = differences')!.subject).toContain('pointwise');
    expect(hierarchy.at(-1)!.subject).toContain('smoothed by');
  });

  it('of random networks never disagree, and differences resolve all of them', async () => {
    await fc.assert(
      fc.asyncProperty(networks({ features: 2, maxBlocks: 2 }), fc.nat(1e6), async (net, seed) => {
        const report = await verify(net, { kernels: ['k3'], seed });
        expect(rowsWith(report, 'disagrees')).toEqual([]);
        expect(rowsWith(report, 'agrees')).toContain('k3 jets = differences');
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ['more terms than are derived', Array.from({ length: 6 }, () => [dense(layer), erf()]).flat(), 'too large'],
    ['branches', [dense(), sum([[], [elementwise('tanh(x)'), dense(layer)]]), erf()], ''],
    ['repeated layers', [repeat(2, [dense(layer), erf()])], ''],
    ['the input itself in a branch, which fixes a width', [sum([[], [dense({ width: 3 })]]), dense(), erf()], ''],
    ['one layer, where all of K4 is zero', [], ''],
  ])('of %s', async (_, inner, leftOut) => {
    const net = network({ input: { shape: [3] }, layers: [...inner, dense(layer)] });
    const report = await verify(net, { kernels: ['k4'] });
    expect(report.passed).toBe(true);
    expect(rowsWith(report, 'agrees')).toContain('k4 jets = differences');
    const terms = report.hierarchy.filter((r) => r.check.startsWith('terms') && r.verdict === 'left out');
    expect(terms.map((r) => r.why).join()).toContain(leftOut);
    expect(terms.length).toBe(leftOut === '' ? 0 : 1);
  });

  it('is part of what is verified by default, and of its verdict', async () => {
    const few = { widths: [4, 8], samples: 4 } as const;
    const report = await verify(two(erf()), { ...few, routes: { jets: jetsTimes(1.001) } });
    expect(report.kernels).toEqual(['nngp', 'ntk', 'wntk', 'k3', 'k4']);
    expect(report.passed).toBe(false);
    expect(verifyTable(report)).toMatch(/FAILED: .*4 checks of K3 and K4 failed/);
  });
});

describe('planted errors', () => {
  const rejected = async (routes: VerifyOptions['routes'], net = three, kernel: 'k3' | 'k4' = 'k4') => {
    const report = await verify(net, { kernels: [kernel], ...(routes && { routes }) });
    expect(report.passed).toBe(rowsWith(report, 'disagrees').length === 0);
    return rowsWith(report, 'disagrees').map((row) => row.slice(3));
  };
  const terms = ['terms = jets', 'terms = differences'];

  it('none: nothing is rejected', async () => {
    expect(await rejected(undefined)).toEqual([]);
  });

  it.each([0, 7, 100, 260])('a coefficient, a factor and all of term %i of 261 of K4', async (k) => {
    // One term of a symmetric pair also breaks the symmetry of the terms.
    for (const plant of [coefficientDoubled, termDropped, powerOff])
      expect((await rejected({ explicit: plant(k) })).filter((row) => row !== 'swap, terms')).toEqual(terms);
  });

  it('a dropped term of K3', async () => {
    expect(await rejected({ explicit: termDropped(3) }, three, 'k3')).toEqual(expect.arrayContaining(terms));
  });

  it('jets along the gradients in the wrong order', async () => {
    expect(await rejected({ jets: lastTwoExchanged })).toEqual(['terms = jets', 'jets = differences']);
    // For K3 the exchange is one of β and γ, which is not a symmetry; then the first two no longer are one either.
    expect(await rejected({ jets: lastTwoExchanged }, three, 'k3')).toEqual([
      'terms = jets',
      'jets = differences',
      'swap, jets',
    ]);
  });

  it('jets off by a millionth', async () => {
    expect(await rejected({ jets: jetsTimes(1 + 1e-6) })).toEqual(['terms = jets', 'jets = differences']);
  });

  it('an empirical NTK without its last layer', async () => {
    expect(await rejected({ ntk: lastLayerForgotten })).toEqual(['jets = differences', 'terms = differences']);
  });

  it('jets that are no numbers', async () => {
    expect(await rejected({ jets: jetsTimes(Number.NaN) })).toEqual([
      'terms = jets',
      'jets = differences',
      'swap, jets',
    ]);
  });

  it.each([
    ['erf', erf()],
    ['relu', relu()],
  ])('an expectation of %s with a wrong factor', async (_, activation) => {
    expect(await rejected({ expected: expectationTimes(1.5) }, two(activation))).toEqual(['mean = expectation']);
    expect(await rejected({}, two(activation))).toEqual([]);
  });
});

describe('the report on K3 and K4', async () => {
  const right = await verify(three, { kernels: ['k3', 'k4'] });
  const wrong = await verify(two(relu()), { kernels: ['k4'], routes: { jets: jetsTimes(Number.NaN) } });

  it('as a table fits 100 columns, and says what was left out and why', () => {
    for (const report of [right, wrong])
      for (const line of verifyTable(report).split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
    expect(verifyTable(right)).toContain('PASSED: the routes to K3 and K4 agree.');
    expect(verifyTable(right)).toContain('left out: the expectation is known for two layers');
    expect(verifyTable(wrong)).toMatch(/FAILED: \d checks of K4 failed/);
  });

  it('as HTML has a section with every check, its bound and the reason, from JSON too', async () => {
    const html = await reportHtml(JSON.parse(JSON.stringify(right)));
    expect(html).toBe(await reportHtml(right));
    for (const { check, why } of right.hierarchy) {
      expect(html).toContain(check);
      expect(html).toContain(why);
    }
    expect(html).not.toMatch(/<svg|NaN|undefined|Infinity/);
    expect(await reportHtml(wrong)).toContain('not a number');
  });

  it.each([
    [{ kernels: ['k4'], widths: [8, 16] }, 'widths does not apply to k3, k4'],
    [{ kernels: ['k3', 'k4'], samples: 8, targets: ['tfjs'] }, 'samples, targets does not apply'],
    [{ kernels: ['k3'], inputs: [[1, 2]] }, 'inputs[0]'],
  ] as const)('is refused for %o', async (options, message) => {
    await expect(verify(three, options)).rejects.toThrow(message);
  });
});
