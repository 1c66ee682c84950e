/** What threads may be told to do. */
import { type LoopData, loadLoops } from './loop.ts';
import { loadNeurons, type NeuronData } from './neurons.ts';

export type ThreadData = LoopData | NeuronData;

/** A function of a part of the work: a Part of loops, or the number of a batch. */
export const loadWork = (data: ThreadData) => (data.kind === 'tuples' ? loadLoops(data) : loadNeurons(data));
