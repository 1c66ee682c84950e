/** Golden files of finite networks as files of a command. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from '../support/cli.ts';

export interface Golden {
  readonly network: { readonly layers: readonly object[] };
  readonly parameters: readonly { readonly W: readonly (readonly number[])[]; readonly b: readonly number[] }[];
  readonly x: readonly (readonly number[])[];
  readonly values: readonly { readonly indices: readonly number[]; readonly value: number }[];
}
export const folder = join(repoRoot, 'test/oracle/hierarchy');
export const readGolden = (name: string): Golden => JSON.parse(readFileSync(join(folder, name), 'utf8'));
export const finite = readdirSync(folder).filter((name) => !name.startsWith('expected'));

export const tanh = readGolden('two-layer-tanh.json');
export const files = (golden: Golden) => ({
  'net.json': golden.network,
  'x.json': golden.x,
  'tuples.json': golden.values.map(({ indices }) => indices),
  'parameters.json': golden.parameters,
});
export const args = [
  'hierarchy',
  'net.json',
  '--x',
  'x.json',
  '--tuples',
  'tuples.json',
  '--parameters',
  'parameters.json',
];
