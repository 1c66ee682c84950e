/** `ntkc derive --expected`: the expectation of K4 in print, at two layers and at more. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newWorkspace, type Workspace } from './workspace.ts';

let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
  const layers = [{ op: 'dense' }, { op: 'relu' }, { op: 'dense' }];
  place.write({
    'two.json': { ntkc: 1, name: 'two', input: { shape: [2] }, layers },
    'three.json': { ntkc: 1, name: 'three', input: { shape: [2] }, layers: [...layers.slice(0, 2), ...layers] },
  });
});
afterAll(() => place.remove());

it('prints two layers rule by rule', async () => {
  const { status, stdout, stderr } = await place.ntkc('derive', 'two.json', '--kernel', 'k4', '--expected');
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/^width · E K4 of "two" at initialisation/);
  expect(stdout).toContain('E a^4·G_αβ G_αγ G_αξ·E[φ‴(u_α) φ′(u_β) φ′(u_γ) φ′(u_ξ)]');
  expect(stdout).toMatch(/derivative of δ: E\[/);
});

it('prints three layers sum by sum, also as JSON', async () => {
  const { stdout } = await place.ntkc('derive', 'three.json', '--kernel', 'k4', '--expected');
  expect(stdout).toMatch(/^E K4 of "three" at initialisation, at order width⁻¹: 353 terms, 187 sums/);
  const { stdout: json } = await place.ntkc('derive', 'three.json', '--kernel', 'k4', '--expected', '--json');
  expect(JSON.parse(json)).toMatchObject({ network: 'three', order: 4, terms: { length: 353 }, sums: { length: 187 } });
});

it.each([
  [['--kernel', 'k3'], /--expected does not apply to --kernel k3\. Expected --kernel k2 or k4/],
  [['--kernel', 'ntk'], /--expected does not apply to --kernel ntk/],
  [['--kernel', 'k4', '--format', 'latex'], /--format latex with --expected\. Expected text or json/],
  [['--kernel', 'k4', '--max-terms', '10'], /contradict/],
])('refuses %j', async (options, message) => {
  const found = await place.ntkc('derive', 'two.json', '--expected', ...options);
  expect(found).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(message) });
});
