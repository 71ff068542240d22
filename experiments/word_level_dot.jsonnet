// As word_level.jsonnet, with the dot product for the scores of attention: Tutek & Šnajder have both.
(import 'word_level.jsonnet') + {
  title: 'SST, hidden states that stay true to their words, scores by a dot product',
  overrides+: { 'model.scorer': { type: 'scaled_dot_product' } },
}
