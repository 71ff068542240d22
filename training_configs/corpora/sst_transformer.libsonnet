// Stanford Sentiment Treebank, two classes, by a Transformer:  allennlp make-dataset sst
(import '../transformer.libsonnet') + {
  data_dir:: 'data/sst',
  label_names:: { '0': 'negative', '1': 'positive' },
  unlabeled_pool:: 'data/sentences/unlabeled.jsonl',
}
