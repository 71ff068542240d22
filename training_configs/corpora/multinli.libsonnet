// MultiNLI, half of the training pairs unlabelled:  allennlp make-dataset multinli
(import '../pair_sequence.libsonnet') + {
  data_dir:: 'data/multinli',
  unlabeled_pool:: $.data_dir + '/unlabeled.jsonl',
  batch_size:: 128,
  tokenizer:: { type: 'words', number_token: 'qqq', keep_punctuation: true },
}
