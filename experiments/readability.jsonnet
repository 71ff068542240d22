// The models whose attention docs/results.md looks at with all measures: `keep_models` for `allennlp evaluate-attention`.
{
  title: 'Readability of attention on SST',
  corpora: ['sst'],
  measures: ['prediction', 'accuracy', 'pearson', 'pearson_attention_constant', 'kendall_attention_constant'],
  seeds: [0, 1, 2, 3, 4],
  keep_models: true,
  parameters: { num_epochs: 4 },
  parts: [
    { techniques: ['vanilla'] },
    { techniques: ['attention_vat', 'attention_ivat'], epsilons: [1] },
  ],
}
