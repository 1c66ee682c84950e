/** A progress bar on stderr where someone watches it; elsewhere nothing, or a line now and then. */
import { note, type Terminal } from './terminal.ts';

export interface Progress {
  update(done: number, total: number, what?: string): void;
  /** Removes the bar. */
  stop(): void;
}

const silent: Progress = { update: () => {}, stop: () => {} };

/** Between two lines of a log. */
const lineEverySeconds = 10;

/** For work that takes minutes where no one watches: a line at most every ten seconds, none for what is done before. */
export function progressLines(terminal: Terminal, clockSeconds = () => performance.now() / 1000): Progress {
  let last = clockSeconds();
  const update = (done: number, total: number, what = '') => {
    const now = clockSeconds();
    if (now - last < lineEverySeconds) return;
    last = now;
    note(terminal, `${what}: ${Math.floor((100 * done) / total)} %`);
  };
  return { update, stop: () => {} };
}

export async function startProgress(terminal: Terminal, what: string): Promise<Progress> {
  if (!terminal.errIsTerminal) return silent;
  const { SingleBar } = (await import('cli-progress')).default;
  const bar = new SingleBar({
    format: '{what} {bar} {percentage}% | {duration_formatted}, {eta_formatted} to go',
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
    fps: 5,
    stream: process.stderr,
  });
  // Also when Ctrl-C ends the process. The cursor is never hidden: a signal may end it without this.
  const stop = () => {
    process.off('exit', stop);
    bar.stop();
  };
  process.once('exit', stop);
  bar.start(1, 0, { what });
  return {
    update: (done, total, now = what) => {
      if (bar.getTotal() !== total) bar.setTotal(total);
      bar.update(done, { what: now });
    },
    stop,
  };
}
