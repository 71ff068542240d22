// The three normalizations of Attention iVAT against epsilon (docs/is-ivat-different-from-vat.md); 'sentence' is Attention VAT.
{
  title: 'Normalizations of Attention iVAT',
  figure: 'epsilon',
  corpora: ['sst'],
  measures: ['prediction', 'pearson'],
  seeds: [0, 1, 2],
  epsilons: [0.3, 1, 3, 10],
  parameters: { vectors: { file: null, dim: 100 }, num_epochs: 3 },
  parts: [
    {
      techniques: ['attention_ivat'],
      names: { sst: 'SST, ' + normalization },
      overrides: { 'model.regularizers.0.normalization': normalization },
    }
    for normalization in ['word', 'sentence', 'released']
  ],
}
