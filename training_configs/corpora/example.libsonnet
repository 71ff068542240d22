// The example in the repository: 1,000 labelled training sentences, small enough for a laptop.
(import '../single_sequence.libsonnet') + {
  data_dir:: 'fixtures/example',
  label_names:: { '0': 'negative', '1': 'positive' },
  unlabeled_pool:: 'fixtures/example/unlabeled.jsonl',
  vectors:: { file: null, dim: 100 },
  hidden_size:: 64,
  num_epochs:: 15,
}
