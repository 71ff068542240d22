// AG News, business against world:  allennlp make-dataset ag_news
(import '../single_sequence.libsonnet') + {
  data_dir:: 'data/ag_news',
  label_names:: { '0': 'world', '1': 'business' },
  unlabeled_pool:: 'data/sentences/unlabeled.jsonl',
  min_count:: 5,
  tokenizer:: { type: 'words', number_token: 'qqq', keep_punctuation: true },
}
