// Score and correlation against epsilon, as in Kitada & Iyatomi (2021).
{
  title: 'Dependence on epsilon',
  figure: 'epsilon',
  corpora: ['sst'],
  techniques: ['vanilla', 'word_at', 'word_iat', 'attention_at', 'attention_iat', 'attention_vat', 'attention_ivat'],
  measures: ['prediction', 'pearson'],
  seeds: [0, 1, 2, 3, 4],
  epsilons: [0.01, 0.1, 0.3, 1, 3, 10, 30],
  parameters: { vectors: { file: 'data/vectors.txt', dim: 300 } },
}
