import { describe, expect, it } from 'vitest';
import { boundedMap } from './boundedMap.ts';

describe('boundedMap', () => {
  it('makes a value once, and again after it was forgotten; what was read last stays longest', () => {
    const made: string[] = [];
    const map = boundedMap<number>(20, (value) => value);
    const ask = (key: string) =>
      map.get(key, () => {
        made.push(key);
        return 10;
      });
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) ask(key);
    expect(made).toEqual(['a', 'b', 'c', 'b']);
  });

  it('keeps one value even where that is too heavy', () => {
    const map = boundedMap<number>(1, () => 100);
    expect(map.get('a', () => 1)).toBe(1);
    expect(map.get('a', () => 2)).toBe(1);
  });
});
