/** A memo that forgets what was used longest ago once its values weigh more than `limitBytes`. */
export interface BoundedMap<V> {
  /** The value under `key`, made by `make` where it is not there (any more). */
  readonly get: (key: string, make: () => V) => V;
}

export function boundedMap<V>(limitBytes: number, bytesOf: (value: V, key: string) => number): BoundedMap<V> {
  const entries = new Map<string, V>();
  let totalBytes = 0;
  const forgetOldest = () => {
    const [key, value] = entries.entries().next().value as [string, V];
    entries.delete(key);
    totalBytes -= bytesOf(value, key);
  };
  const get = (key: string, make: () => V): V => {
    const found = entries.get(key);
    const value = found ?? make();
    if (found !== undefined) entries.delete(key);
    else totalBytes += bytesOf(value, key);
    entries.set(key, value); // the newest
    while (totalBytes > limitBytes && entries.size > 1) forgetOldest();
    return value;
  };
  return { get };
}
