// Stanford Sentiment Treebank, two classes, by a Transformer:  allennlp make-dataset sst
(import '../transformer.libsonnet') + {
  data_dir:: 'data/sst',
  unlabeled_pool:: 'data/sentences/unlabeled.jsonl',
}
