/**
 * How finite networks train, and what the neural tangent hierarchy knows of it before: lantk-with-appendix, section 2.2.
 * Trains networks of several widths by gradient flow; prints how the errors of the frozen kernel, of the hierarchy cut
 * at K3 and K4, and of the closed form of equation (4) fall with the width; writes the picture.
 *
 *     node examples/dynamics.ts [networks]     # 24 at each width by default: under a minute
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { dense, elementwise, erf, type LayerInput, network } from '../src/index.ts';
import { compareDynamics, dynamicsTable } from '../src/verify/dynamics/index.ts';
import { dynamicsPlot } from '../src/verify/report/dynamics.ts';
import { renderSvg } from '../src/verify/report/render.ts';

const folder = join(import.meta.dirname, '../.out/dynamics');
mkdirSync(folder, { recursive: true });
const networks = Number(process.argv[2] ?? 24);

/** Six points on a circle, labels alternating: no linear function fits them. One more is watched. */
const angles = [0, 1, 2, 3, 4, 5].map((k) => (k * Math.PI) / 3);
const onCircle = (angle: number) => [Math.SQRT2 * Math.cos(angle), Math.SQRT2 * Math.sin(angle)];
const data = { x: angles.map(onCircle), y: angles.map((_, k) => (k % 2 === 0 ? 1 : -1)), watched: [onCircle(0.5)] };

const declared: readonly { readonly name: string; readonly layers: readonly LayerInput[]; readonly widest: number }[] =
  [
    { name: 'erf-2', layers: [dense(), erf(), dense()], widest: 512 },
    {
      name: 'tanh-3',
      layers: [dense({ bStd: 0.3 }), elementwise('tanh(x)'), dense(), elementwise('tanh(x)'), dense()],
      widest: 128,
    },
  ];

for (const { name, layers, widest } of declared) {
  const net = network({ name, input: { shape: [2] }, layers });
  const widths = [widest / 16, widest / 8, widest / 4, widest / 2, widest];
  const began = performance.now();
  const report = await compareDynamics(net, data.x, data.y, { watched: data.watched, widths, networks });
  const file = join(folder, `${name}.svg`);
  writeFileSync(file, await renderSvg(dynamicsPlot(report)));
  console.log(`\n${name}, ${networks} networks of each width, ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
  console.log(dynamicsTable(report));
  console.log(`Picture: ${relative(process.cwd(), file)}`);
}
