// Tables 3 and 4 for AG News: business against world, with sentences of the pool.
//
//     allennlp make-dataset ag_news
//     allennlp make-dataset sentences --source FILE... --sample 50000
//     allennlp reproduce experiments/ag_news.jsonnet
//
// The word vectors: see sst.jsonnet.
(import 'sst.jsonnet') + {
  title: 'AG News',
  corpora: ['ag_news'],
  seeds: [0, 1, 2],
  parameters+: { num_epochs: 4 },
  parts: [
    { techniques: ['vanilla'] },
    { techniques: ['attention_at'], search: { num_samples: 3 } },
    {
      techniques: ['attention_vat_semi_supervised', 'attention_ivat_semi_supervised'],
      unlabeled: [{ count: 20000 }],
      search: { num_samples: 3 },
    },
  ],
}
