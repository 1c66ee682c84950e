import { describe, expect, it } from 'vitest';
import { testCounts } from '../../scripts/test-counts.ts';
import { tfBackends } from './tfBackends.ts';

describe('the tfjs backends of the tests', async () => {
  for (const backend of await tfBackends()) {
    it(`multiplies matrices on ${backend.label}`, async (context) => {
      const tf = await backend.use(context);
      expect(tf.getBackend()).toBe(backend.name);
      const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2]));
      expect([...(await product.data())]).toEqual([19, 22, 43, 50]);
    });
  }
});

describe('the counts of .ci/run', () => {
  const passed = { status: 'passed', assertionResults: [{ status: 'passed' }] };
  const base = { numPassedTests: 1, numFailedTests: 0, numTotalTests: 1, testResults: [passed] };

  it('counts passed and skipped tests', () => {
    expect(testCounts({ ...base, numTotalTests: 3 }, 0)).toEqual([1, 0, 2]);
  });
  it('counts failed tests, and a file that broke before its first test', () => {
    const broken = { status: 'failed', assertionResults: [] };
    const failed = { status: 'failed', assertionResults: [{ status: 'failed' }] };
    const report = { ...base, numFailedTests: 1, numTotalTests: 2, testResults: [passed, failed, broken] };
    expect(testCounts(report, 1)).toEqual([1, 2, 0]);
  });
  it('counts a run without a report, and a failure no test explains, as failed', () => {
    expect(testCounts(undefined, 1)).toEqual([0, 1, 0]);
    expect(testCounts(base, 1)).toEqual([1, 1, 0]);
  });
});
