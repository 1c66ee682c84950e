import { escapeHtml } from '../../derive/explain/escapeHtml.ts';
import { passedText, percent, problemsOf, timesOf } from '../table.ts';
import type { KernelTest, VerifyReport } from '../types.ts';
import { activationCurves } from './activationCurves.ts';
import { convergence } from './convergence.ts';
import { dynamicsSection } from './dynamics.ts';
import { heatMaps } from './heatMaps.ts';
import { hierarchySection } from './hierarchy.ts';
import { figure, styles } from './html.ts';
import { renderSvg } from './render.ts';
import { entriesTable, kernelsTable, lawsTable, minus } from './tables.ts';

/** The report as one HTML file: no script, no network, light and dark. */
export async function reportHtml(report: VerifyReport): Promise<string> {
  const title = `Verification of ${escapeHtml(report.network)}`;
  const html = [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>`,
    `<style>${styles}</style></head>`,
    '<body>',
    `<h1>${title}</h1>`,
    verdict(report),
    `<pre>${report.layers.map(escapeHtml).join('\n')}</pre>`,
    ...finite(report),
    ...(await pictures(report)),
    ...hierarchySection(report.hierarchy),
    ...(report.dynamics === undefined ? [] : await dynamicsSection(report.dynamics)),
    ...lawsSection(report),
    ...(await curves(report)),
    ...settings(report),
    '</body></html>',
    '',
  ].join('\n');
  return withOwnIds(html);
}

/** Vega counts its clips and gradients on from call to call; counted by their order here, the same report is the same text. */
function withOwnIds(html: string): string {
  const known = new Map<string, string>();
  const own = (id: string) => known.get(id) ?? known.set(id, `plot${known.size}`).get(id)!;
  return html
    .replaceAll(/ id="((?:clip|gradient_)\d+)"/g, (_, id: string) => ` id="${own(id)}"`)
    .replaceAll(/url\(#((?:clip|gradient_)\d+)\)/g, (_, id: string) => `url(#${own(id)})`);
}

function verdict(report: VerifyReport): string {
  const { passed, monteCarlo } = report;
  const text = passed ? `✔ Passed: ${passedText(report)}.` : `✘ Failed: ${problemsOf(report).join('; ')}.`;
  return [
    `<div class="verdict ${passed ? 'good' : 'bad'}"><strong>${escapeHtml(text)}</strong>`,
    ...(monteCarlo.length === 0 ? [] : [tested(report)]),
    '</div>',
  ].join('\n');
}

function tested({ laws, monteCarlo, falseAlarm }: VerifyReport): string {
  const kernels = monteCarlo.map((t) => t.kernel).join(', ');
  const seen = monteCarlo.map((t) => `${percent(t.detectable.median)} (${t.kernel})`).join(', ');
  return [
    `<p>Tested: the formulas that ntkc derived for ${kernels}. Against: ${laws.length} checks of laws, and averages over randomly initialised finite networks of width ${monteCarlo[0]?.widths.map((w) => w.width).join(', ')}, which share no formula with the derivation.</p>`,
    `<p>How sure: right formulas would be rejected by chance with probability at most ${falseAlarm}. An entry wrong by ${seen} would be noticed in half of all such tests, one wrong by twice that practically always.</p>`,
  ].join('\n');
}

function lawsSection({ laws }: VerifyReport): readonly string[] {
  if (laws.length === 0) return [];
  return [
    '<h2>Laws</h2>',
    '<p>Statements that hold for every right kernel, whatever the network. They are exact, so their tolerances are roundings; hard inputs are among those tried: near duplicates, opposites, a zero, a large and a small one.</p>',
    lawsTable(laws),
  ];
}

function finite({ monteCarlo, falseAlarm }: VerifyReport): readonly string[] {
  const [first] = monteCarlo;
  if (first === undefined) return [];
  const power = first.powers.length;
  return [
    '<h2>Finite networks</h2>',
    `<p>A network of finite width has a random kernel. Its mean differs from the infinite-width limit by a bias of order 1/width, so with enough networks any one width would reject a right limit. The means are therefore extrapolated: for each entry a curve in 1/width${power > 2 ? ' (of second degree)' : ''} is fitted to the means, weighted by their standard errors, and its value at 1/width = 0 is compared with the limit.</p>`,
    kernelsTable(monteCarlo),
    `<p class="soft">The score is Student's t of the extrapolated deviation (degrees of freedom by Welch and Satterthwaite), turned into the normal score of equal probability. Before that an allowance for the neglected power of 1/width is taken off the deviation (${monteCarlo.map((t) => `${t.kernel} ${minus(t.allowance.toExponential(0))}`).join(', ')}, relative). The threshold shares the probability ${falseAlarm} among all ${first.tests} scores; entries are correlated, which makes this bound cautious. Kernels of deep or exponential networks have long tails, and with few networks their standard errors come out too small now and then: draw more where a score is near the threshold.</p>`,
    '<details><summary>Every entry</summary>',
    ...monteCarlo.map(entriesTable),
    '</details>',
  ];
}

async function pictures({ monteCarlo }: VerifyReport): Promise<readonly string[]> {
  if (monteCarlo.length === 0) return [];
  const maps = [];
  for (const test of monteCarlo)
    maps.push(`<h3>${test.kernel}</h3>`, figure(await renderSvg(heatMaps(test)), mapCaption(test)));
  return [
    '<h2>Gram matrices</h2>',
    ...maps,
    '<h2>Convergence with width</h2>',
    figure(await renderSvg(convergence(monteCarlo)), convergenceCaption(monteCarlo)),
  ];
}

const mapCaption = (test: KernelTest) =>
  `Look for: the first two maps should be the same picture. The third should have no pattern; a colour that spreads over the whole map is the bias of width ${test.widths.at(-1)!.width} (all entries share their networks, so neighbours tend to agree). In the fourth the bias is extrapolated away: deep colours there mean a wrong limit.`;

function convergenceCaption(tests: readonly KernelTest[]): string {
  const fits = tests.map(
    ({ kernel, bias }) =>
      `${kernel} (inputs ${bias.i}, ${bias.j}) ${minus(bias.slope.toPrecision(2))} ± ${bias.slopeError.toPrecision(2)}`,
  );
  return `Look for: points that fall along the blue line, which falls like 1/width (slope −1 on these axes). Relative deviation is |mean − limit|/√(limit<sub>ii</sub> limit<sub>jj</sub>). Orange: the entry whose bias stands out most, with bars of two standard errors; a bar that reaches the bottom includes zero. Blue: its fitted bias b/width, with a band of two standard errors; b: ${fits.join(', ')}. Grey circles: all entries; dashed: one standard error of the orange entry, below which nothing can be seen. A wrong limit shows as points that stop falling, far above the dashed line.`;
}

async function curves({ activations }: VerifyReport): Promise<readonly string[]> {
  const parts = [];
  for (const a of activations) {
    const caption = `Look for: circles on the line. Line: as the kernels compute it; circles: quadrature of the expectation itself. Both inputs have variance q = ${Number(a.q.toPrecision(3))}, in the middle of those that occur in this network.`;
    const svg = await renderSvg(activationCurves(a));
    parts.push(`<h3>${escapeHtml(a.name)}: φ(x) = <code>${escapeHtml(a.formula)}</code></h3>`, figure(svg, caption));
  }
  return parts.length === 0 ? [] : ['<h2>Activations</h2>', ...parts];
}

function settings(report: VerifyReport): readonly string[] {
  const { seed, layerWeights, inputs, notes, kernels } = report;
  const weights = kernels.includes('wntk') ? ` Layer weights of wntk: ${layerWeights.join(', ')}.` : '';
  const rows = inputs.map((row, i) => `${i}  ${row.map((v) => v.toPrecision(4).padStart(8)).join(' ')}`);
  return [
    '<h2>How it was run</h2>',
    `<p>Seed ${seed}.${weights} ${timesOf(report)}</p>`,
    ...notes.map((note) => `<p>${escapeHtml(note)}</p>`),
    `<details><summary>The ${inputs.length} inputs</summary><pre>${rows.join('\n')}</pre></details>`,
  ];
}
