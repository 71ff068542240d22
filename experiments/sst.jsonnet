// Tables 3 and 4 for SST: every technique, supervised, and the virtual ones with unlabelled sentences.
//
//     allennlp make-dataset sst
//     allennlp make-dataset sentences --source FILE... --sample 50000
//     allennlp reproduce experiments/sst.jsonnet
//
// The word vectors are a file in the text format of GloVe, data/vectors.txt unless another one is given:
//
//     --overrides '{"parameters.vectors": {"file": "/data/glove.6B.100d.txt.gz", "dim": 100}}'
{
  title: 'SST, all techniques',
  corpora: ['sst'],
  seeds: [0, 1, 2, 3, 4],
  measures: ['prediction', 'accuracy', 'pearson', 'pearson_attention_constant', 'kendall_attention_constant'],
  parameters: {
    num_epochs: 8,
    vectors: { file: 'data/vectors.txt', dim: 100 },
  },
  // The best epoch is an early one.
  overrides: { 'trainer.patience': 3 },
  parts: [
    { techniques: ['vanilla'] },
    {
      techniques: [
        'word_at', 'word_iat', 'word_vat', 'word_ivat',
        'attention_at', 'attention_iat', 'attention_vat', 'attention_ivat', 'attention_rp',
      ],
      search: { num_samples: 8 },
    },
    {
      techniques: [
        'word_vat_semi_supervised', 'word_ivat_semi_supervised',
        'attention_vat_semi_supervised', 'attention_ivat_semi_supervised',
      ],
      unlabeled: [{ count: 20000 }],
      search: { num_samples: 4 },
    },
  ],
}
