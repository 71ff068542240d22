// Does it matter where the unlabelled sentences come from? SST with sentences of news and fiction, and with sentences of
// film reviews. The search has three seeds for each ε, and smaller ones than elsewhere. The word vectors: see sst.jsonnet.
//
//     allennlp make-dataset sst
//     allennlp make-dataset sentences --sample 50000 --source NEWS_AND_FICTION...
//     allennlp make-dataset sentences --sample 50000 --source REVIEWS... --output-dir data/review_sentences
//     allennlp reproduce experiments/pools.jsonnet
local pool(name, file) = {
  names: { sst: name },
  parameters: { unlabeled_pool: file },
  unlabeled: [{ count: 20000 }],
  techniques: [
    'vanilla', 'word_vat_semi_supervised', 'attention_vat_semi_supervised', 'attention_ivat_semi_supervised',
  ],
};
(import 'sst.jsonnet') + {
  title: 'Where unlabelled sentences come from',
  measures: ['f1', 'accuracy', 'pearson', 'pearson_attention_constant'],
  search: { num_samples: 4, low: 0.001, high: 10, training_seeds: [0, 1, 2] },
  parts: [
    pool('SST, news and fiction', 'data/sentences/unlabeled.jsonl'),
    pool('SST, reviews', 'data/review_sentences/unlabeled.jsonl'),
  ],
}
