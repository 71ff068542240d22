// The example in the repository, by a Transformer.
(import '../transformer.libsonnet') + {
  data_dir:: 'fixtures/example',
  label_names:: { '0': 'negative', '1': 'positive' },
  unlabeled_pool:: 'fixtures/example/unlabeled.jsonl',
  warmup_steps:: 10,
}
