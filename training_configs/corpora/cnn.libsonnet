// CNN news question answering:  allennlp make-dataset cnn
(import '../pair_sequence.libsonnet') + {
  data_dir:: 'data/cnn',
  unlabeled_pool:: $.data_dir + '/unlabeled.jsonl',
  batch_size:: 90,
  min_count:: 8,
  tokenizer:: 'just_spaces',
}
