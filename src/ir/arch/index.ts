export { commonShape, requireFitting } from './branches.ts';
export type { Layer, LayerInput, Network, NetworkInput, Shape } from './network.ts';
export { parseNetwork, parseNetworkText } from './parse.ts';
export { printNetwork } from './print.ts';
export { inferShapes, located, type ShapedLayer, sameShape } from './shapes.ts';
export { type ArchOp, type Fields, isDefault, shapeText, type Vocabulary } from './vocabulary.ts';
