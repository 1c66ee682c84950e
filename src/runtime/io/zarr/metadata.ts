/** How ntkc's Zarr v3 arrays describe themselves. */
export interface Metadata {
  readonly shape: readonly number[];
  readonly data_type: string;
  readonly chunk_grid: { readonly configuration: { readonly chunk_shape: readonly number[] } };
  readonly codecs: readonly object[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

export const documentKey = 'zarr.json';
export const keyOf = (i: number, j: number): string => `c/${i}/${j}`;
export const codecs = [
  { name: 'bytes', configuration: { endian: 'little' } },
  { name: 'crc32c', configuration: {} },
];
