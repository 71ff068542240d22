// The models whose attention docs/results.md looks at with all measures: `keep_models` for `allennlp evaluate-attention`.
// The word vectors: see sst.jsonnet.
(import 'sst.jsonnet') + {
  title: 'Readability of attention on SST',
  keep_models: true,
  parts: [
    { techniques: ['vanilla'] },
    // What the configurations ship; validation data does not prefer any (docs/results.md).
    { techniques: ['attention_vat', 'attention_ivat'], epsilons: [5] },
  ],
}
