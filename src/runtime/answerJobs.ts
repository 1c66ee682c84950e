import { parentPort, type TransferListItem } from 'node:worker_threads';
import { NtkcError } from '../errors.ts';
import type { JobDone } from './threadPool.ts';

/**
 * In a thread of a pool: answers each message with what `run` makes of it, or with what it throws.
 * @param transferOf what of a result is handed over instead of copied
 */
export function answerJobs<Message, Result>(
  run: (message: Message) => Result,
  transferOf: (result: Result) => readonly TransferListItem[] = () => [],
): void {
  parentPort?.on('message', (message: Message) => {
    try {
      const result = run(message);
      parentPort?.postMessage({ result } satisfies JobDone, [...transferOf(result)]);
    } catch (error) {
      const complaint = error instanceof NtkcError ? { complaint: error.complaint() } : {};
      parentPort?.postMessage({ error: String(error), ...complaint } satisfies JobDone);
    }
  });
}
