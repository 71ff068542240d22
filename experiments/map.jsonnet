// Which technique helps when: few labels to all labels.
//
//     for n in 250 1000; do allennlp make-dataset sst --labeled $n -o data/sst_$n; done
//     allennlp make-dataset sst
//     allennlp make-dataset sentences --source REVIEWS... --sample 10000 --output-dir data/review_sentences
//     allennlp reproduce experiments/map.jsonnet
//
// Words of the vectors are in the vocabulary: with 250 labels, most words of other sentences are not in the labelled ones.
// ε, or λ of tying, is searched with three seeds for each candidate.
local settings = [
  { name: 'SST, 250 labels', parameters: { data_dir: 'data/sst_250', num_epochs: 20 } },
  { name: 'SST, 1,000 labels', parameters: { data_dir: 'data/sst_1000', num_epochs: 12 } },
  { name: 'SST, all labels', parameters: { data_dir: 'data/sst', num_epochs: 8 } },
];
{
  title: 'Techniques with few and with many labels',
  seeds: std.range(0, 9),
  evaluation: ['correlation', 'uniform', { type: 'permutation', num_permutations: 20 }, 'decision_flips', 'faithfulness'],
  measures: [
    'f1', 'accuracy', 'pearson', 'kendall', 'f1_permuted_change', 'flip_share_attention', 'comprehensiveness_aopc',
    'sufficiency_aopc', 'training_seconds',
  ],
  local search = { num_samples: 4, training_seeds: [0, 1, 2] },
  local of_setting(setting) =
    local part = {
      corpora: ['sst'],
      names: { sst: setting.name },
      parameters: setting.parameters {
        vectors: { file: 'data/vectors.txt', dim: 100 },
        vocabulary_from_vectors: true,
        hidden_size: 50,
        unlabeled_pool: 'data/review_sentences/unlabeled.jsonl',
      },
      overrides: { 'trainer.patience': 5 },
    };
    [
      part { techniques: ['vanilla'] },
      part { techniques: ['tying'], search: search { low: 0.01, high: 1.0 } },
      part { techniques: ['word_at', 'word_vat', 'tying+word_at'], search: search { low: 0.1, high: 3.0 } },
      part {
        techniques: ['attention_at', 'attention_vat', 'attention_ivat', 'attention_rp'],
        search: search { low: 0.1, high: 30.0 },
      },
      part { techniques: ['word_vat_semi_supervised'], search: search { low: 0.1, high: 3.0 } },
      part { techniques: ['attention_vat_semi_supervised'], search: search { low: 0.1, high: 30.0 } },
    ],
  parts: std.flatMap(of_setting, settings),
}
