// Table 5 of Kitada & Iyatomi (2022): agreement of attention with the words that people marked (movie reviews, ERASER).
// Which data the paper's models were trained on is not said; these are trained on the training reviews of the same corpus,
// with the unlabelled reviews of IMDB.
//
//     allennlp make-dataset movies
//     allennlp make-dataset imdb
//     allennlp reproduce experiments/table5.jsonnet
{
  title: 'Agreement with human rationales (Table 5)',
  corpora: ['imdb'],
  names: { imdb: 'movies' },
  measures: ['iou_f1_macro', 'token_f1_macro', 'auprc', 'average_precision', 'roc_auc'],
  seeds: [0, 1, 2, 3, 4],
  parameters: {
    data_dir: 'data/movies',
    unlabeled_pool: 'data/imdb/unlabeled.jsonl',
    vectors: { file: 'data/vectors.txt', dim: 300 },
    min_count: 2,
  },
  parts: [
    { techniques: ['vanilla'] },
    {
      techniques: [name + '_semi_supervised' for name in ['word_vat', 'word_ivat', 'attention_vat', 'attention_ivat']],
      unlabeled: [{ count: 8000 }],
      search: { num_samples: 8 },
    },
  ],
}
