import { describe, expect, it, vi } from 'vitest';
import { dense, erf, network, relu } from '../../ops/vocabulary.ts';
import { compareDynamics, type DynamicsReport } from '../dynamics/index.ts';
import { defaultInputs } from '../inputs.ts';
import { dynamicsPlot, dynamicsSection } from './dynamics.ts';
import { renderSvg } from './render.ts';

const rows = defaultInputs(2, 3).slice(0, 2);
const compared = (activation = erf()) =>
  compareDynamics(network({ input: { shape: [2] }, layers: [dense(), activation, dense()] }), rows, [1, -1], {
    widths: [8, 16],
    times: [0.25, 0.5],
    networks: 2,
  });

/** How many symbols are drawn. */
const marks = (svg: string) => [...svg.matchAll(/<path [^>]*transform="translate\(([\d.]+),([\d.]+)\)"/g)].length;

describe('dynamicsPlot', () => {
  it('draws every median, a legend, and the reference lines, without a complaint of the library', async () => {
    const complaints = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const svg = await renderSvg(dynamicsPlot(await compared()));
    expect(complaints.mock.calls).toEqual([]);
    complaints.mockRestore();
    // 4 approximations at 2 widths and at 2 times, and 4 symbols of the legend.
    expect(marks(svg)).toBeGreaterThanOrEqual(4 * 2 + 4 * 2 + 4);
    for (const text of [
      'K₂ frozen',
      'K₃ frozen',
      'K₄ frozen',
      'K̂, eq. (4)',
      'slope 1',
      'slope 2',
      '1/16',
      'at width 16',
    ])
      expect(svg).toContain(text);
    expect(svg).not.toContain('NaN');
  });

  it('leaves out errors that are zero, and rates that nobody claims', async () => {
    const report = await compared();
    const none = report.approximations.map((approximation) => ({
      ...approximation,
      kernel: approximation.kernel.map((decay) => ({ ...decay, median: [0, 0], low: [0, 0], high: [0, 0] })),
    }));
    expect(await renderSvg(dynamicsPlot({ ...report, approximations: none }))).not.toMatch(/NaN|Infinity/);
    expect(await renderSvg(dynamicsPlot(await compared(relu())))).not.toContain('slope 1');
  });
});

describe('dynamicsSection', () => {
  const textOf = async (report: DynamicsReport) => (await dynamicsSection(report)).join('\n');

  it('says what was compared, and every rate', async () => {
    const report = await compared();
    const html = await textOf(report);
    expect(html).toContain('2 networks of each width 8, 16');
    expect(html.match(/<tr><td>/g)?.length).toBe(10);
    const [first, ...others] = report.approximations;
    const slower = { ...first!, kernel: first!.kernel.map((decay) => ({ ...decay, consistent: false })) };
    expect(await textOf({ ...report, approximations: [slower, ...others] })).toContain('✘ slower');
  });

  it('claims nothing where activations have kinks', async () => {
    const html = await textOf(await compared(relu()));
    expect(html).toContain('The activation has kinks');
    expect(html).not.toContain('class="yes"');
  });

  it('gives the reason where nothing was compared, as text', async () => {
    const html = (await dynamicsSection({ skipped: 'Width <8> is too small.' })).join('\n');
    expect(html).toContain('Not compared. Width &lt;8&gt; is too small.');
  });
});
