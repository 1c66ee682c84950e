import { describe, expect, it } from 'vitest';
import { hierarchyProgram } from '../../derive/hierarchy/explicit/program.ts';
import { finiteNetwork } from '../../derive/index.ts';
import { dense, network, relu } from '../../ops/vocabulary.ts';
import { initialise, normals } from '../empirical/index.ts';
import { loadHierarchy } from './index.ts';

describe('bad input', async () => {
  const net = network({ name: 'small', input: { shape: [2] }, layers: [dense({ bStd: 1 }), relu(), dense()] });
  const finite = finiteNetwork(net, { width: 3, outputs: 1 });
  const kernel = await loadHierarchy(hierarchyProgram(net, 3, finite), { memoryLimitBytes: 2 ** 20 });
  const parameters = initialise(finite, 1);
  const x = normals(8, 1, 1);

  it('parameters, inputs and outputs that do not fit', async () => {
    const [first, second] = parameters;
    await expect(kernel.prepare({ parameters: [first!], x, n: 4 })).rejects.toThrow(
      /of 1 layers. Expected of 2 layers/,
    );
    await expect(kernel.prepare({ parameters: [second!, first!], x, n: 4 })).rejects.toThrow(
      /parameters\[0\].W. Expected 3 rows of 2/,
    );
    await expect(kernel.prepare({ parameters: [{ W: first!.W }, second!], x, n: 4 })).rejects.toThrow(/no biases/);
    await expect(kernel.prepare({ parameters, x, n: 3 })).rejects.toThrow(/8 numbers for 3 samples/);
    await expect(kernel.prepare({ parameters, x, n: 4, output: 1 })).rejects.toThrow(/output 1/);
    await expect(kernel.prepare({ parameters, x: x.map((v, k) => (k === 5 ? Number.NaN : v)), n: 4 })).rejects.toThrow(
      /an input is NaN. At x\[2\]\[1\]/,
    );
  });

  it('tuples and weights that do not fit, and values that are not finite', async () => {
    const prepared = await kernel.prepare({ parameters, x, n: 4 });
    await expect(prepared.at([[0, 1]])).rejects.toThrow(/2 indices. At tuples\[0\]. Expected 3 for K3/);
    await expect(prepared.at([[0, 1, 4]])).rejects.toThrow(/no sample 4. At tuples\[0\]\[2\]/);
    await expect(prepared.contracted(new Float64Array(3))).rejects.toThrow(/3 weights. Expected \[4\]/);
    await expect(prepared.contracted(new Float64Array(4).fill(Number.NaN))).rejects.toThrow(/a weight is NaN/);
    await expect(prepared.contracted(new Float64Array(4).fill(1e308))).rejects.toThrow(/K3 is not finite/);
    const ntk = await loadHierarchy(hierarchyProgram(net, 2, finite));
    await expect((await ntk.prepare({ parameters, x, n: 4 })).contracted(x)).rejects.toThrow(
      /nothing to contract in K2/,
    );
  });

  it('more memory than allowed, before anything is computed', async () => {
    const n = 60;
    const prepared = await kernel.prepare({ parameters, x: normals(2 * n, 1, 1), n });
    await expect(prepared.all()).rejects.toThrow(/K3 at all 60\^3 tuples needs 1.\d+ MB. Expected at most 1.05 MB/);
    expect((await prepared.contracted(new Float64Array(n))).every((value) => value === 0)).toBe(true);
  });
});
