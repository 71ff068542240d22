// The example in the repository, by a Transformer.
(import '../transformer.libsonnet') + {
  data_dir:: 'fixtures/example',
  unlabeled_pool:: 'fixtures/example/unlabeled.jsonl',
  warmup_steps:: 10,
}
