// Hidden states that stay true to their words: objectives and encoders, beside Attention VAT and Word AT, and together
// with them (Tutek & Šnajder 2020; docs/word-level.md). λ, or ε, is searched on validation data.
//
//     allennlp make-dataset sst
//     allennlp make-dataset sentences --source REVIEWS... --sample 10000 --output-dir data/review_sentences
//     allennlp reproduce experiments/word_level.jsonnet
//
// Embeddings of 100 and states of 2 x 50, so that states and embeddings can be compared. The vectors: see sst.jsonnet.
{
  title: 'SST, hidden states that stay true to their words',
  corpora: ['sst'],
  seeds: [0, 1, 2, 3, 4],
  evaluation: [
    'correlation', 'uniform', { type: 'permutation', num_permutations: 20 }, 'conicity', 'words_in_states', 'decision_flips',
    'faithfulness',
  ],
  measures: [
    'f1', 'f1_uniform_change', 'f1_permuted_change', 'flip_share_attention', 'flip_share_random', 'pearson', 'kendall',
    'comprehensiveness_aopc', 'conicity', 'word_share', 'word_information_0.5', 'word_information_1', 'word_information_2',
    'state_norm', 'training_seconds',
  ],
  parameters: {
    num_epochs: 8,
    vectors: { file: 'data/vectors.txt', dim: 100 },
    hidden_size: 50,
    unlabeled_pool: 'data/review_sentences/unlabeled.jsonl',
  },
  overrides: { 'trainer.patience': 3 },

  local lstm = { type: 'lstm', input_size: 100, hidden_size: 50, bidirectional: true },
  // So that rows can be added and left out: a smoke version sets them.
  search:: { num_samples: 3 },
  parts: [
    { techniques: ['vanilla'] },
    {
      techniques: ['vanilla'],
      variant: 'concatenation',
      parameters: { encoder: { type: 'with_embeddings', encoder: lstm } },
    },
    {
      techniques: ['vanilla'],
      variant: 'residual',
      parameters: { encoder: { type: 'with_embeddings', mode: 'residual', encoder: lstm } },
    },
    {
      techniques: ['vanilla'],
      variant: 'orthogonal LSTM',
      parameters: { encoder: { type: 'orthogonal_lstm', input_size: 100, hidden_size: 100 } },
    },
    {
      techniques: ['tying', 'masked_language_model', 'conicity', 'tying_semi_supervised', 'masked_language_model_semi_supervised'],
      search: $.search { low: 0.03, high: 3.0 },
    },
    { techniques: ['attention_vat', 'tying+attention_vat'], search: $.search { low: 0.3, high: 30.0 } },
    { techniques: ['word_at', 'tying+word_at'], search: $.search { low: 0.1, high: 3.0 } },
  ],
}
