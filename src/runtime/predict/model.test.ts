import { describe, expect, it } from 'vitest';
import { fit, predict } from './fit.ts';
import { gaussianKernel } from './kernels.fixture.ts';
import { parseModel, predictModel, toModel } from './model.ts';

const x = Float64Array.of(0.1, 1 / 3, 2, 5, -1e-7, 0.25);
const context = {
  network: { ntkc: 1, layers: [] },
  kernel: 'wntk',
  layerWeights: [1, 0.5],
  featureNames: ['a', 'b'],
  labelName: 'y',
} as const;
const ridge = { kind: 'relative', value: 0.01 } as const;

async function fitted(task: 'classification' | 'regression') {
  const answers =
    task === 'classification'
      ? ({ task, labels: ['p', 'q', 'r'] } as const)
      : ({ task, targets: Float64Array.of(1, 2.5, -3) } as const);
  return fit({ x, n: 3, d: 2, answers }, { kernel: gaussianKernel(2), ridge });
}

const text = async () => JSON.stringify(toModel(await fitted('classification'), context));

describe('a saved model', () => {
  it.each(['classification', 'regression'] as const)(
    'predicts to the last bit what the fit predicts: %s',
    async (task) => {
      const before = await fitted(task);
      const model = parseModel(JSON.stringify(toModel(before, context)), 'm.json');
      expect(model).toMatchObject({ ntkcModel: 1, task, kernel: 'wntk', layerWeights: [1, 0.5], ridge });
      const at = Float64Array.of(0.5, 0.5, 1, 3);
      expect(await predictModel(model, at, 2, gaussianKernel(2))).toEqual(
        await predict(before, at, 2, gaussianKernel(2)),
      );
    },
  );

  it('leaves layerWeights out where there are none', async () => {
    const { layerWeights: _, ...rest } = context;
    expect(toModel(await fitted('regression'), rest)).not.toHaveProperty('layerWeights');
  });

  it.each<[string, (model: Record<string, unknown>) => unknown, RegExp]>([
    [
      'another version',
      (m) => ({ ...m, ntkcModel: 2 }),
      /version 2 is unknown. At m\.json: ntkcModel. Expected ntkcModel: 1/,
    ],
    ['a network file', () => ({ ntkc: 1, layers: [] }), /not a model file: it has no field ntkcModel. At m\.json/],
    ['a list', () => [1], /not a model file/],
    ['null', () => null, /not a model file/],
    [
      'an alpha row lost',
      (m) => ({ ...m, alpha: (m.alpha as []).slice(1) }),
      /2 entries. At m\.json: alpha. Expected 3 entries, one row a tr/,
    ],
    [
      'an alpha of one output',
      (m) => ({ ...m, alpha: [[1], [2], [3]] }),
      /1 entries. At m\.json: alpha\[0\]. Expected 3 entries/,
    ],
    ['a ragged input', (m) => ({ ...m, trainX: [[1, 2], [3], [4, 5]] }), /At m\.json: trainX\[1\]. Expected 2 entries/],
    ['a feature name lost', (m) => ({ ...m, featureNames: ['a'] }), /At m\.json: featureNames/],
    ['text in alpha', (m) => ({ ...m, alpha: [[1, 2, '3']] }), /At m\.json: alpha\[0\]\[2\]. Expected number/],
    [
      'null in inputs, as JSON writes NaN',
      (m) => ({ ...m, trainX: [[1, null]] }),
      /it is null. At m\.json: trainX\[0\]\[1\]/,
    ],
    [
      'a zero deviation',
      (m) => ({ ...m, standardisation: { mean: [0, 0], std: [1, 0] } }),
      /At m\.json: standardisation\.std\[1\]/,
    ],
    [
      'an unknown task',
      (m) => ({ ...m, task: 'clustering' }),
      /At m\.json: task. Expected 'classification' \| 'regression'/,
    ],
    ['an unknown kernel', (m) => ({ ...m, kernel: 'k3' }), /At m\.json: kernel/],
    ['a field lost', (m) => ({ ...m, ridge: undefined }), /the model lacks a field. At m\.json: ridge/],
    ['an unknown field', (m) => ({ ...m, epochs: 3 }), /Unrecognized key: "epochs"/],
  ])('refuses %s', async (_, change, message) => {
    const changed = JSON.stringify(change(JSON.parse(await text()) as Record<string, unknown>));
    expect(() => parseModel(changed, 'm.json')).toThrow(message);
  });

  it('refuses a file cut off anywhere', async () => {
    const whole = await text();
    for (let length = 0; length < whole.length; length += 7) {
      expect(() => parseModel(whole.slice(0, length), 'm.json')).toThrow(/(cut off|is empty|not valid JSON).*m\.json/);
    }
  });

  it('is not made from a wrong context', async () => {
    const wrong = { ...context, featureNames: ['a'] };
    const before = await fitted('regression');
    expect(() => toModel(before, wrong)).toThrow(/featureNames/);
  });
});
