import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/support/seed.ts'],
    // For what hangs: the slowest tests, blocks of documents, take 20 s on two cores and 40 s on one.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    // On two cores both: vitest's own choice would be one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
