// Table 6 of Kitada & Iyatomi (2022): which unlabelled sentences are taken from the pool.
{
  title: 'Selection of unlabelled sentences (Table 6)',
  measures: ['prediction', 'pearson'],
  techniques: ['attention_vat_semi_supervised', 'attention_ivat_semi_supervised'],
  seeds: [0, 1, 2, 3, 4],
  parameters: { vectors: { file: 'data/vectors.txt', dim: 300 }, unlabeled_pool: 'data/sentences/unlabeled.jsonl' },
  search: { num_samples: 8 },
  parts: [
    {
      corpora: [corpus.name],
      unlabeled: [{ count: corpus.count, strategy: s } for s in ['random', 'bag_of_words', 'mean_embedding']],
    }
    for corpus in [
      { name: 'sst', count: 50000 },
      { name: 'imdb', count: 150000 },
      { name: 'ag_news', count: 250000 },
    ]
  ],
}
