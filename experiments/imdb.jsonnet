// Tables 3 and 4 for IMDB, small: 5,000 of the 17,212 training reviews, and reviews without labels from the same corpus.
//
//     allennlp make-dataset imdb
//     allennlp reproduce experiments/imdb.jsonnet
//
// The word vectors: see sst.jsonnet.
local reader = { type: 'single_sequence', tokenizer: 'words' };
(import 'sst.jsonnet') + {
  title: 'IMDB, 5,000 labelled reviews',
  corpora: ['imdb'],
  seeds: [0, 1, 2],
  parameters+: { num_epochs: 4 },
  overrides+: {
    dataset_reader: reader { max_instances: 5000 },
    validation_dataset_reader: reader,
  },
  // `allennlp evaluate-attention` looks at these models on ERASER's movie reviews.
  keep_models: true,
  parts: [
    { techniques: ['vanilla'] },
    { techniques: ['attention_at'], search: { num_samples: 3 } },
    {
      techniques: ['attention_vat_semi_supervised', 'attention_ivat_semi_supervised'],
      unlabeled: [{ count: 20000 }],
      search: { num_samples: 3 },
      overrides: { 'trainer.callbacks.0.unlabeled_dataset_reader': reader },
    },
  ],
}
