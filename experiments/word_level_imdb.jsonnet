// As word_level.jsonnet, on IMDB with 1,000 labels. λ and ε are what was best on validation data of SST.
//
//     allennlp make-dataset imdb --labeled 1000 -o data/imdb_1000
//     head -1000 data/imdb_1000/validation.jsonl > data/imdb_1000/validation_1000.jsonl
//     head -1000 data/imdb_1000/test.jsonl > data/imdb_1000/test_1000.jsonl
//     allennlp reproduce experiments/word_level_imdb.jsonnet
(import 'word_level.jsonnet') + {
  title: 'IMDB, 1,000 labels, hidden states that stay true to their words',
  corpora: ['imdb'],
  test_data: { imdb: 'data/imdb_1000/test_1000.jsonl' },
  seeds: std.range(0, 9),
  parameters+: { data_dir: 'data/imdb_1000', unlabeled_pool: null, min_count: 2 },
  overrides+: { validation_data_path: 'data/imdb_1000/validation_1000.jsonl' },
  parts: [
    { techniques: ['vanilla'] },
    { techniques: ['tying', 'masked_language_model'], epsilons: [0.0474] },
    { techniques: ['conicity'], epsilons: [0.15] },
    { techniques: ['word_at', 'tying+word_at'], epsilons: [0.328] },
    { techniques: ['attention_vat', 'tying+attention_vat'], epsilons: [4.74] },
  ],
}
