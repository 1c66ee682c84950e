import { describe, expect, it } from 'vitest';
import { reportHtml, type VerifyReport, verify, verifyTable } from '../../src/verify/index.ts';
import { dotKappaTimes, subject } from './plants.ts';

const options = { widths: [16, 64, 256], samples: [60, 40, 20] } as const;
const name = '<script>alert("x")</script> & co';

describe('the report', async () => {
  const right = await verify({ ...subject, name }, options);
  const wrong = await verify(subject, { ...options, samples: [200, 100, 60], vocabulary: dotKappaTimes(0.5) });

  it('as a table fits 100 columns, and says what failed', () => {
    for (const report of [right, wrong])
      for (const line of verifyTable(report).split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
    expect(verifyTable(right)).toContain('PASSED');
    expect(verifyTable(wrong)).toMatch(/FAILED: 1 law broken; ntk, wntk disagree/);
  });

  it('as HTML has its verdict, a table a kernel and plots, and needs nothing from elsewhere', async () => {
    const html = await reportHtml(right);
    expect(html).toContain('✔ Passed');
    expect(html.match(/<svg /g)).toHaveLength(right.monteCarlo.length + 1 + right.activations.length);
    expect(html).not.toMatch(/<script|<link|src=|NaN|undefined|Infinity/);
    expect(html.replaceAll(/xmlns(:xlink)?="[^"]*"/g, '')).not.toContain('http');
    expect(html).toContain('&lt;script&gt;');
    const failed = await reportHtml(wrong);
    expect(failed).toContain('✘ Failed');
  });

  it('can be written from its JSON, also where nothing was finite', async () => {
    const copy = JSON.parse(JSON.stringify(right)) as VerifyReport;
    expect((await reportHtml(copy)) === (await reportHtml(right))).toBe(true);
    const none = { ...right, laws: right.laws.map((l) => ({ ...l, passed: false, error: null })) };
    expect(await reportHtml(none)).toContain('not a number');
  });
});
