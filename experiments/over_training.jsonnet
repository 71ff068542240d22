// What the techniques do to attention over training: docs/what-attention-vat-does.md. Each point is trained so many epochs, and
// evaluated as it is after the last one. ε of the word techniques: the best of the
// search in map.jsonnet; of those on attention one that makes predictions robust.
//
//     allennlp make-dataset sst --labeled 1000 -o data/sst_1000
//     allennlp reproduce experiments/over_training.jsonnet
//
// The word vectors: see sst.jsonnet.
local epochs = [1, 2, 4, 8, 16];
local techniques = { vanilla: [], attention_vat: [10], attention_ivat: [10], word_at: [0.767], 'tying+word_at': [0.14] };
{
  title: 'What techniques do to attention over training',
  figure: 'epochs',
  corpora: ['sst'],
  seeds: std.range(0, 4),
  parameters: {
    data_dir: 'data/sst_1000',
    vectors: { file: 'data/vectors.txt', dim: 100 },
    vocabulary_from_vectors: true,
    hidden_size: 50,
  },
  // The last epoch, not the best one.
  overrides: { validation_data_path: null },
  evaluation: ['correlation', 'attention_shape', 'decision_flips', { type: 'robustness', epsilons: [3.0] }],
  measures: [
    'f1', 'pearson', 'attention_entropy', 'value_variance', 'score_sensitivity', 'scores_difference@3',
  ],
  parts: [
    {
      names: { sst: 'SST, 1,000 labels, ' + number + (if number == 1 then ' epoch' else ' epochs') },
      parameters: { num_epochs: number },
      techniques: [name],
      epsilons: techniques[name],
    }
    for number in epochs
    for name in std.objectFields(techniques)
  ],
}
