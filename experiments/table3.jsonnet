// Table 3 of Kitada & Iyatomi (2022): prediction, every corpus and technique, five seeds, epsilon searched.
//
//     allennlp reproduce experiments/table3.jsonnet --only 'sst/*'
//
// The corpora: docs/data.md. The word vectors are a file in the text format of GloVe, data/vectors.txt unless another one
// is given:
//
//     --overrides '{"parameters.vectors": {"file": "/data/wiki.simple.vec", "dim": 300}}'
local supervised = ['word_at', 'word_iat', 'attention_at', 'attention_iat'];
local semi_supervised = ['word_vat', 'word_ivat', 'attention_vat', 'attention_ivat'];
// Unlabelled sentences of the pools; CNN, SNLI and MultiNLI have their own unlabelled half, and use all of it.
local amounts = { sst: 50000, imdb: 150000, ag_news: 250000 };
{
  title: 'Prediction (Table 3)',
  measures: ['prediction'],
  seeds: [0, 1, 2, 3, 4],
  parameters: { vectors: { file: 'data/vectors.txt', dim: 300 }, hidden_size: 256 },
  parts: [
    { corpora: ['sst', 'imdb', 'ag_news', 'cnn', 'snli', 'multinli'], techniques: ['vanilla'] },
    {
      corpora: ['sst', 'imdb', 'ag_news', 'cnn', 'snli', 'multinli'],
      techniques: supervised,
      search: { num_samples: 8 },
    },
  ] + [
    {
      corpora: [corpus],
      techniques: [technique + '_semi_supervised' for technique in semi_supervised],
      search: { num_samples: 8 },
      [if std.objectHas(amounts, corpus) then 'unlabeled']: [{ count: amounts[corpus] }],
      // The paper's pool for all of them is the One Billion Word benchmark.
      [if corpus == 'imdb' then 'parameters']: { unlabeled_pool: 'data/sentences/unlabeled.jsonl' },
    }
    for corpus in ['sst', 'imdb', 'ag_news', 'cnn', 'snli', 'multinli']
  ],
}
