import { expect, it } from 'vitest';
import { progressLines } from './progress.ts';

it('writes a line at most every ten seconds', () => {
  let [seconds, err] = [100, ''];
  const terminal = { out: () => {}, err: (text: string) => (err += text), errIsTerminal: false };
  const progress = progressLines(terminal, () => seconds);
  for (const [at, done, what] of [
    [105, 9, 'laws'],
    [111, 10, 'laws'],
    [112, 1, 'networks of width 8'],
    [121, 333, 'networks of width 8'],
    [130, 999, 'networks of width 8'],
  ] as const) {
    seconds = at;
    progress.update(done, what === 'laws' ? 10 : 1000, what);
  }
  progress.stop();
  expect(err).toBe('laws: 100 %\nnetworks of width 8: 33 %\n');
});
