export {
  activationLayers,
  denseLayers,
  formulaLayers,
  inputPairs,
  moderate,
  type NetworkConstraints,
  networks,
} from './arbitraries.ts';
