// Large Movie Review Dataset:  allennlp make-dataset imdb
// Its own unlabelled reviews are the pool; the papers take sentences of the One Billion Word benchmark.
(import '../single_sequence.libsonnet') + {
  data_dir:: 'data/imdb',
  label_names:: { '0': 'negative', '1': 'positive' },
  unlabeled_pool:: $.data_dir + '/unlabeled.jsonl',
  min_count:: 10,
}
