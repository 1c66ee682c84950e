/** --dtype of gram and fit: what is computed in float32, and who refuses it. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '../../src/runtime/io/index.ts';
import { tolerances } from '../../src/verify/tolerances.ts';
import { newWorkspace, reluNetwork, type Workspace } from './workspace.ts';

const points = Array.from({ length: 40 }, (_, i) => [Math.sin(7 * i), Math.cos(11 * i)] as const);
let place: Workspace;
beforeAll(() => {
  place = newWorkspace();
  place.write({
    'net.json': reluNetwork,
    'x.json': points,
    'data.csv': ['a,b,kind', ...points.map(([a, b]) => `${a},${b},${a > b ? 'up' : 'down'}`)].join('\n'),
  });
});
afterAll(() => place.remove());

describe('--dtype float32', () => {
  it('of gram computes and stores float32, near what float64 gives', async () => {
    const gram = ['gram', 'net.json', '--x1', 'x.json', '-o'] as const;
    const { stdout } = await place.ntkc(...gram, 'narrow.npy', '--dtype', 'float32', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ target: 'wasm', dtype: 'float32', shape: [40, 40] });
    await place.ntkc(...gram, 'wide.npy');
    const [narrow, wide] = ['narrow.npy', 'wide.npy'].map((file) => readNpy(join(place.folder, file))) as [
      ReturnType<typeof readNpy>,
      ReturnType<typeof readNpy>,
    ];
    expect([narrow.dtype, wide.dtype]).toEqual(['float32', 'float64']);
    const exact = Float64Array.from(wide.data);
    const largest = exact.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    const apart = exact.map((v, i) => Math.abs(v - (narrow.data[i] as number)));
    expect(apart.reduce((most, v) => Math.max(most, v), 0)).toBeLessThanOrEqual(tolerances.wasmFloat32.bound * largest);
    // Not float64 rounded: those that differ from it are many.
    expect(exact.filter((v, i) => Math.fround(v) !== narrow.data[i]).length).toBeGreaterThan(400);
  });

  it('of fit gives the same scores on the same folds', async () => {
    const scores = async (...more: readonly string[]) =>
      JSON.parse(
        (await place.ntkc('fit', 'net.json', '--data', 'data.csv', '--label', 'kind', '--json', ...more)).stdout,
      );
    const [narrow, wide] = [await scores('--dtype', 'float32'), await scores()];
    expect(narrow).toMatchObject({ folds: wide.folds });
  });

  it('is refused by fit on a target that has only float64', async () => {
    const { status, stderr } = await place.ntkc(
      ...['fit', 'net.json', '--data', 'data.csv', '--label', 'kind'],
      ...['--target', 'reference', '--dtype', 'float32'],
    );
    expect(status).toBe(2);
    expect(stderr).toBe(
      'ntkc: target reference computes in float64, not in "float32". Take target wasm for float32.\n',
    );
  });
});
