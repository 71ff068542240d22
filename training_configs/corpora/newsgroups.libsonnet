// 20 Newsgroups, baseball against hockey:  allennlp make-dataset newsgroups
(import '../single_sequence.libsonnet') + {
  data_dir:: 'data/newsgroups',
  label_names:: { '0': 'baseball', '1': 'hockey' },
  unlabeled_pool:: 'data/sentences/unlabeled.jsonl',
  min_count:: 2,
  tokenizer:: { type: 'words', number_token: 'qqq' },
}
