// A small version of word_level.jsonnet on the embedded example, in a minute:
//
//     allennlp reproduce experiments/word_level_smoke.jsonnet
{
  title: 'Smoke test of word-level objectives',
  corpora: ['example'],
  seeds: [0],
  evaluation: ['uniform', { type: 'permutation', num_permutations: 5 }, 'conicity', 'words_in_states', 'decision_flips'],
  measures: [
    'f1', 'f1_uniform_change', 'f1_permuted_change', 'flip_share_attention', 'conicity', 'word_share', 'word_information_1',
  ],
  parameters: { num_epochs: 2, vectors: { file: null, dim: 20 }, hidden_size: 10 },
  parts: [
    { techniques: ['vanilla', 'tying', 'masked_language_model', 'conicity', 'tying+attention_vat'] },
    {
      techniques: ['vanilla'],
      variant: 'concatenation',
      parameters: {
        encoder: {
          type: 'with_embeddings',
          encoder: { type: 'lstm', input_size: 20, hidden_size: 10, bidirectional: true },
        },
      },
    },
  ],
}
