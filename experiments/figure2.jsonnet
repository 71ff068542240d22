// Figure 2 of Kitada & Iyatomi (2022): score against the amount of unlabelled data, up to seven times the labelled data.
// The virtual techniques without unlabelled data are the points at 0.
local techniques = ['word_vat', 'word_ivat', 'attention_vat', 'attention_ivat'];
{
  title: 'Score against unlabelled data (Figure 2)',
  figure: 'unlabeled',
  corpora: ['sst'],
  measures: ['prediction', 'pearson'],
  seeds: [0, 1, 2, 3, 4],
  parameters: { vectors: { file: 'data/vectors.txt', dim: 300 } },
  search: { num_samples: 4 },
  parts: [
    { techniques: ['vanilla'] + techniques },
    {
      techniques: [technique + '_semi_supervised' for technique in techniques],
      unlabeled: [{ count: 6920 * times } for times in [1, 2, 3, 4, 5, 6, 7]],
    },
  ],
}
