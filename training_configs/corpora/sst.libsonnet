// Stanford Sentiment Treebank, two classes:  allennlp make-dataset sst
// Unlabelled sentences:                      allennlp make-dataset sentences --source FILE... --sample 50000
(import '../single_sequence.libsonnet') + {
  data_dir:: 'data/sst',
  label_names:: { '0': 'negative', '1': 'positive' },
  unlabeled_pool:: 'data/sentences/unlabeled.jsonl',
}
