import type { Layer, Network } from './network.ts';
import { isDefault, type Vocabulary } from './vocabulary.ts';

/** A network as JSON, one layer a line, defaults left out: `parseNetworkText` reads it back to an equal network. */
export function printNetwork(network: Network, vocabulary: Vocabulary): string {
  const head = `"ntkc": 1,\n  "name": ${JSON.stringify(network.name)},\n  "input": ${inline(network.input)}`;
  const layers = network.layers.map((l) => `    ${inline(withoutDefaults(l, vocabulary))}`).join(',\n');
  return `{\n  ${head},\n  "layers": [\n${layers}\n  ]\n}\n`;
}

const inline = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([k, v]) => `${JSON.stringify(k)}: ${inline(v)}`)
    .join(', ')} }`;
};

function withoutDefaults(layer: Layer, vocabulary: Vocabulary): Record<string, unknown> {
  const op = vocabulary.get(layer.op);
  const kept = Object.entries(layer).filter(([field, value]) => !isDefault(op, field, value));
  return Object.fromEntries(
    kept.map(([field, value]) => {
      if (field === 'branches')
        return [field, (value as Layer[][]).map((b) => b.map((l) => withoutDefaults(l, vocabulary)))];
      if (field === 'layers') return [field, (value as Layer[]).map((l) => withoutDefaults(l, vocabulary))];
      return [field, value];
    }),
  );
}
