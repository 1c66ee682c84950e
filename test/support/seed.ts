/**
 * Property tests draw the same cases in every run, so that a red run can be repeated and a change is judged by itself.
 * FC_SEED=random draws others, FC_SEED=N those of N: for looking further, before a release or after a change of numerics.
 */
import fc from 'fast-check';

const wanted = process.env.FC_SEED ?? '20261122';
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) });
