/**
 * Prints `PASSED FAILED SKIPPED` of a vitest JSON report, for .ci/run:
 *
 *     node scripts/test-counts.ts REPORT.json EXIT_STATUS
 *
 * A file that fails before its first test counts as one failure; so does a run that wrote no report, or that
 * exited non-zero although no test failed (an unhandled error).
 */
import { existsSync, readFileSync } from 'node:fs';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { status: string }[];
  }[];
}

export function testCounts(report: Report | undefined, exitStatus: number): readonly [number, number, number] {
  if (report === undefined) return [0, 1, 0];
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = report.numFailedTests + brokenFiles;
  const unexplained = failed === 0 && exitStatus !== 0 ? 1 : 0;
  const skipped = report.numTotalTests - report.numPassedTests - report.numFailedTests;
  return [report.numPassedTests, failed + unexplained, skipped];
}

if (import.meta.main) {
  const [path = '', status = '1'] = process.argv.slice(2);
  const report = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Report) : undefined;
  console.log(testCounts(report, Number(status)).join(' '));
}
