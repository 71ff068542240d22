// Stanford Natural Language Inference by a Transformer, which reads both texts at once:  allennlp make-dataset snli
(import '../transformer.libsonnet') + {
  data_dir:: 'data/snli',
  unlabeled_pool:: 'data/snli/unlabeled.jsonl',
}
