/** A declared network: data only. `layers` compose in order; branching ops hold lists of layers of their own. */
export interface Network {
  readonly ntkc: 1;
  readonly name: string;
  readonly input: Input;
  readonly layers: readonly Layer[];
}

/** What the network takes. */
export interface Input {
  readonly shape: Shape;
  /** Samples may lack positions, those whose numbers are all NaN (null in JSON): sequences of different lengths. */
  readonly masked?: true;
}

/** One sample, channels last, no batch axis. The last entry is the width; Infinity where the limit is taken. */
export type Shape = readonly number[];

/** A layer with every default filled in. Fields beyond these are the op's own, checked by its schema. */
export interface Layer {
  readonly op: string;
  readonly branches?: readonly (readonly Layer[])[];
  readonly layers?: readonly Layer[];
  readonly [field: string]: unknown;
}

/** What a user may write for a layer: defaults may be left out. */
export interface LayerInput {
  readonly op: string;
  readonly [field: string]: unknown;
}

export interface NetworkInput {
  readonly ntkc?: 1;
  readonly name?: string;
  readonly input: Input;
  readonly layers: readonly LayerInput[];
}
