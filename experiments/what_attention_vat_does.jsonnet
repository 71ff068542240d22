// What Attention VAT does to attention, by ε: docs/what-attention-vat-does.md. Beside it the normalization that gives every
// sentence a step of its own size, and two variants that close the cheap ways to become robust.
//
//     allennlp make-dataset sst --labeled 1000 -o data/sst_1000
//     allennlp reproduce experiments/what_attention_vat_does.jsonnet
//
// The word vectors: see sst.jsonnet.
local technique(name, title, epsilons, overrides={}) = {
  techniques: [name],
  epsilons: epsilons,
  [if title != null then 'variant']: title,
  overrides: { 'trainer.patience': 3 } + overrides,
};
local by_scores = [0.3, 1, 3, 10, 30];
local by_weights = [0.03, 0.1, 0.3, 1];
{
  title: 'What Attention VAT does to attention',
  figure: 'epsilon',
  corpora: ['sst'],
  seeds: std.range(0, 4),
  names: { sst: 'SST, 1,000 labels' },
  parameters: {
    data_dir: 'data/sst_1000',
    num_epochs: 8,
    vectors: { file: 'data/vectors.txt', dim: 100 },
    vocabulary_from_vectors: true,
    hidden_size: 50,
  },
  evaluation: [
    'correlation',
    'uniform',
    'attention_shape',
    'decision_flips',
    { type: 'robustness', epsilons: [1.0, 3.0, 10.0] },
  ],
  measures: [
    'f1', 'pearson', 'pearson_attention_constant', 'attention_entropy', 'attention_squares', 'value_variance',
    'score_sensitivity', 'scores_accuracy@3', 'scores_difference@3', 'f1_uniform_change', 'flip_share_attention',
  ],
  parts: [
    technique('vanilla', null, []),
    technique('attention_vat', null, by_scores),
    technique('attention_ivat', null, by_scores),
    technique('attention_vat', 'values held constant', by_scores, {
      'model.regularizers.0.target': { type: 'attention', fixed_values: true },
    }),
    technique('attention_vat', 'of weights', by_weights, {
      'model.regularizers.0.target': { type: 'attention_weights' },
    }),
    technique('attention_vat', 'of weights, values held constant', by_weights, {
      'model.regularizers.0.target': { type: 'attention_weights', fixed_values: true },
    }),
  ],
}
