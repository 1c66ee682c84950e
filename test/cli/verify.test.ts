/** The command verify: its outputs and its exit status, also for a wrong derivation and for a bug. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { derive } from '../../src/derive/index.ts';
import { network } from '../../src/ops/vocabulary.ts';
import type * as Verify from '../../src/verify/index.ts';
import { newWorkspace, reluNetwork, type Workspace } from './workspace.ts';

/** What happens in place of verify(), if anything. */
const planted: { verify?: typeof Verify.verify } = {};
vi.mock('../../src/verify/index.ts', async (original) => {
  const actual = await original<typeof Verify>();
  const verify: typeof actual.verify = (...args) => (planted.verify ?? actual.verify)(...args);
  return { ...actual, verify };
});

let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
  // Of a linear network the training that a report shows takes least.
  const linear = { ...reluNetwork, layers: [{ op: 'dense', wStd: 1.5 }, { op: 'identity' }, { op: 'dense' }] };
  place.write({ 'net.json': reluNetwork, 'linear.json': linear });
});
afterAll(() => place.remove());
afterEach(() => {
  delete planted.verify;
});

const quick = ['verify', 'net.json', '--kernel', 'ntk', '--widths', '16,32,64', '--samples', '40', '--seed', '1'];

describe('verify', () => {
  it('prints a table, writes a report and exits with 0', async () => {
    const { status, stdout, stderr } = await place.ntkc(...quick, '-o', 'report.html');
    // Before it a line every ten seconds, where the machine is slow.
    expect({ status, stderr: stderr.replace(/^.*: \d+ %\n/gm, '') }).toEqual({
      status: 0,
      stderr: 'report.html: report with plots\n',
    });
    expect(stdout).toMatch(/^ntk +16 +40 /m);
    expect(stdout).toContain('agrees');
    expect(place.read('report.html')).toMatch(/<svg[\s\S]*<\/svg>/);
  });

  it('gives a machine the whole report', async () => {
    const { stdout } = await place.ntkc(...quick, '--json', '--layer-weights', '0.5,2');
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ passed: true, kernels: ['ntk'], seed: 1, layerWeights: [0.5, 2] });
    expect(report.monteCarlo[0].widths.map((w: { width: number }) => w.width)).toEqual([16, 32, 64]);
  });

  it('checks K3 alone or with K4, with a table, a report and JSON', async () => {
    const { status, stdout } = await place.ntkc('verify', 'linear.json', '--kernel', 'k3', '-o', 'k3.html');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^k3 +terms = differences +4 tuples.* agrees$/m);
    expect(stdout).toContain('PASSED: the routes to K3 agree.');
    expect(place.read('k3.html')).toContain('Neural tangent hierarchy');
    const report = JSON.parse((await place.ntkc('verify', 'net.json', '--kernel', 'k3, k4', '--json')).stdout);
    expect(report).toMatchObject({ passed: true, kernels: ['k3', 'k4'], laws: [], monteCarlo: [] });
    expect(report.hierarchy.map((r: { check: string }) => r.check)).toContain('mean = expectation');
  });

  it.each([
    ['a list with a kernel that is none', ['--kernel', 'k3,ntq'], '--kernel is "ntq". Expected one of nngp'],
    ['a kernel of an order that is not checked', ['--kernel', 'k5'], '--kernel k5 is not available'],
    ['options of other kernels', ['--kernel', 'k4', '--widths', '8,16'], 'widths does not apply to k3, k4'],
  ])('refuses %s', async (_, more, says) => {
    const { status, stdout, stderr } = await place.ntkc('verify', 'net.json', ...more);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^ntkc: [^\n]+\n$/);
    expect(stderr).toContain(says);
  });

  it('exits with 1 when the derivation is of another network', async () => {
    const { verify } = await vi.importActual<typeof Verify>('../../src/verify/index.ts');
    const other = network({
      ...reluNetwork,
      ntkc: 1,
      layers: [{ op: 'dense', wStd: 3 }, { op: 'relu' }, { op: 'dense' }],
    });
    planted.verify = (net, options) => verify(net, { ...options, derive: (_, kernel) => derive(other, kernel) });
    const { status, stdout } = await place.ntkc(...quick);
    expect(status).toBe(1);
    expect(stdout).toContain('disagrees');
  });

  it('a bug exits with 70 and one line', async () => {
    planted.verify = () => {
      throw new TypeError('x is not\na function');
    };
    const { status, stdout, stderr } = await place.ntkc(...quick, '-o', 'never.html');
    expect({ status, stdout }).toEqual({ status: 70, stdout: '' });
    expect(stderr).toBe('ntkc: bug: TypeError: x is not a function (NTKC_DEBUG=1 shows where)\n');
    expect(Object.keys(place.snapshot())).not.toContain('never.html');
  });
});
