// Stanford NLI, half of the training pairs unlabelled:  allennlp make-dataset snli
(import '../pair_sequence.libsonnet') + {
  data_dir:: 'data/snli',
  unlabeled_pool:: $.data_dir + '/unlabeled.jsonl',
  batch_size:: 128,
  min_count:: 3,
  tokenizer:: { type: 'words', number_token: 'qqq', keep_punctuation: true },
}
