// Do people mark the words that attention takes, where hidden states stay true to their words? Trained on 1,000 reviews of
// IMDB, tested on the reviews of ERASER that a person marked exhaustively.
//
//     allennlp make-dataset imdb --labeled 1000 -o data/imdb_1000
//     head -1000 data/imdb_1000/validation.jsonl > data/imdb_1000/validation_1000.jsonl
//     allennlp make-dataset movies
//     allennlp reproduce experiments/word_level_movies.jsonnet
(import 'word_level.jsonnet') + {
  title: 'Movies, hidden states that stay true to their words',
  corpora: ['imdb'],
  names: { imdb: 'movies' },
  test_data: { imdb: 'data/movies/test.jsonl' },
  seeds: [0, 1, 2],
  evaluation: ['correlation', 'rationales', 'uniform', { type: 'permutation', num_permutations: 20 }, 'conicity', 'faithfulness'],
  measures: [
    'f1', 'auprc', 'roc_auc', 'token_f1_macro', 'f1_permuted_change', 'pearson', 'comprehensiveness_aopc', 'conicity',
    'tying_distance',
  ],
  parameters+: { data_dir: 'data/imdb_1000', unlabeled_pool: null, min_count: 2 },
  overrides+: { validation_data_path: 'data/imdb_1000/validation_1000.jsonl' },
  // What was best on validation data of SST.
  parts: [
    { techniques: ['vanilla'] },
    { techniques: ['tying'], epsilons: [0.0474] },
    { techniques: ['word_at', 'tying+word_at'], epsilons: [0.328] },
    { techniques: ['conicity'], epsilons: [0.15] },
  ],
}
