const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Work that may keep the thread to itself: no handler of a signal could run, so signals end the process at once. Nothing
 * is lost by that as long as `work` opens no file for writing.
 */
export async function interruptible<T>(work: () => T | Promise<T>): Promise<T> {
  const handlers = signals.map((signal) => [signal, process.listeners(signal)] as const);
  for (const [signal, list] of handlers) for (const handler of list) process.off(signal, handler);
  try {
    return await work();
  } finally {
    for (const [signal, list] of handlers) for (const handler of list) process.on(signal, handler);
  }
}
