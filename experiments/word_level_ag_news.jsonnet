// As word_level.jsonnet, on AG News. Its unlabelled sentences are a pool of news:
//
//     allennlp make-dataset ag_news
//     allennlp make-dataset sentences --source NEWS... --sample 50000
(import 'word_level.jsonnet') + {
  title: 'AG News, hidden states that stay true to their words',
  corpora: ['ag_news'],
  seeds: [0, 1, 2],
  parameters+: { unlabeled_pool: 'data/sentences/unlabeled.jsonl' },
}
