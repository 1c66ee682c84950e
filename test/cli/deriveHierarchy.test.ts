/** What `ntkc derive --kernel k2` to k8 refuses and notes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newWorkspace, type Workspace } from './workspace.ts';

let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
});
afterAll(() => place.remove());

describe('derive --kernel k2 to k8 refuses', () => {
  const mlp = (...layers: readonly unknown[]) => ({ name: 'n', input: { shape: [3] }, layers });
  const dense = { op: 'dense' };
  const cases: readonly (readonly [string, unknown, readonly string[], readonly string[]])[] = [
    ['an order below 2', mlp(dense), ['k1'], ['--kernel k1', 'begins at K2', 'k2, k3']],
    ['an order too large', mlp(dense), ['k9'], ['--kernel k9', '40320 trees', 'k8']],
    ['an order far too large', mlp(dense), ['k99'], ['98! trees']],
    ['no kernel at all', mlp(dense), ['k'], ['--kernel is "k"']],
    [
      'more terms than the limit, telling both',
      mlp({ op: 'repeat', times: 7, layers: [dense, { op: 'erf' }] }, dense),
      ['k5'],
      ['net.json', '5124168 terms', 'at most 500000 terms', '--max-terms', 'ntkc hierarchy --tuples'],
    ],
    [
      'an op without a rule, by its name and place',
      mlp(dense, { op: 'layerNorm' }, { op: 'relu' }, dense),
      ['k3'],
      ['no terms of the hierarchy for networks with layerNorm', 'net.json: layers[1]', 'ntkc hierarchy'],
    ],
    [
      'one inside a branch',
      mlp(dense, { op: 'sum', branches: [[], [{ op: 'relu' }, { op: 'dropout', keep: 0.5 }, dense]] }, dense),
      ['k4'],
      ['networks with dropout', 'layers[1].branches[1][1]', 'ntkc hierarchy'],
    ],
    [
      '--max-terms for a kernel of infinite width',
      mlp(dense),
      ['ntk', '--max-terms', '5'],
      ['--max-terms', 'k2 to k8'],
    ],
  ];
  it.each(cases)('%s', async (_, net, [kernel, ...more], says) => {
    place.write({ 'net.json': net });
    const { status, stdout, stderr } = await place.ntkc('derive', 'net.json', '--kernel', kernel!, ...more);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^ntkc: [^\n]+\n$/);
    for (const part of says) expect(stderr).toContain(part);
  });

  it('says what was derived where a derivative is zero almost everywhere', async () => {
    place.write({ 'net.json': mlp(dense, { op: 'relu' }, dense) });
    const { stdout } = await place.ntkc('derive', 'net.json', '--kernel', 'k3');
    expect(stdout).toMatch(/derivatives of max\(x, 0\) from order 2 on are zero almost everywhere/);
  });
});
