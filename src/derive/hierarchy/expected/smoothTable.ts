type Scalar = (u: number) => number;

/** Writes the values of all functions at m to out. */
export type Table = (m: number, out: Float64Array) => void;

/** Points a local interpolation takes: degree 11. */
const points = 12;
/** Largest error between nodes, relative to the largest value of the function. */
const accepted = 1e-12;
const mostNodes = 40_000;

// Barycentric weights of equidistant points: (−1)^i C(11, i).
const weights = Array.from({ length: points }, (_, i) => {
  let binomial = 1;
  for (let k = 1; k <= i; k++) binomial = (binomial * (points - k)) / k;
  return i % 2 === 0 ? binomial : -binomial;
});

/**
 * g_p(m) = E f_p(m + std·z), z ~ N(0, 1), on |m| ≤ reach, by interpolation in a table fine enough for every f_p.
 * Undefined where no table of a reasonable size is.
 */
export function smoothTable(functions: readonly Scalar[], std: number, reach: number): Table | undefined {
  const smoothed = functions.map((f) => gaussianMean(f, std));
  for (let spacing = Math.max(reach, 1) / 40; reach / spacing < mostNodes / 2; spacing /= 2) {
    const side = Math.ceil(reach / spacing) + points;
    const tables = smoothed.map((g) => Float64Array.from({ length: 2 * side + 1 }, (_, i) => g((i - side) * spacing)));
    const read = (m: number, out: Float64Array) => interpolate(tables, m / spacing + side, out);
    if (isResolved(smoothed, tables, read, spacing, reach)) return read;
  }
  return undefined;
}

/** @derived barycentric interpolation at the nearest equidistant points. */
function interpolate(tables: readonly Float64Array[], position: number, out: Float64Array): void {
  const nearest = Math.round(position);
  const first = Math.floor(position) - points / 2 + 1;
  if (position === nearest) {
    tables.forEach((table, p) => {
      out[p] = table[nearest] as number;
    });
    return;
  }
  let total = 0;
  for (let p = 0; p < tables.length; p++) out[p] = 0;
  for (let i = 0; i < points; i++) {
    const c = (weights[i] as number) / (position - first - i);
    total += c;
    for (let p = 0; p < tables.length; p++)
      out[p] = (out[p] as number) + c * ((tables[p] as Float64Array)[first + i] as number);
  }
  for (let p = 0; p < tables.length; p++) out[p] = (out[p] as number) / total;
}

function isResolved(
  functions: readonly Scalar[],
  tables: readonly Float64Array[],
  read: Table,
  spacing: number,
  reach: number,
): boolean {
  const sizes = tables.map((table) => table.reduce((a, b) => Math.max(a, Math.abs(b)), 0));
  const out = new Float64Array(functions.length);
  const probes = Math.ceil(reach / spacing);
  for (let i = -probes; i < probes; i++) {
    read((i + 0.5) * spacing, out);
    for (const [p, f] of functions.entries())
      if (!(Math.abs(f((i + 0.5) * spacing) - (out[p] as number)) <= accepted * (sizes[p] as number))) return false;
  }
  return true;
}

/** m ↦ E f(m + std·z) by the trapezoidal rule. */
function gaussianMean(f: Scalar, std: number): Scalar {
  if (std === 0) return f;
  const spacing = Math.min(0.25, 0.25 / std);
  const side = Math.ceil(8.5 / spacing);
  const nodes = Array.from({ length: 2 * side + 1 }, (_, i) => (i - side) * spacing);
  const masses = nodes.map((z) => (spacing * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI));
  return (m) => {
    let sum = 0;
    for (let i = 0; i < nodes.length; i++) sum += (masses[i] as number) * f(m + std * (nodes[i] as number));
    return sum;
  };
}
