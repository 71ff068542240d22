// What λ of tying and of conicity buys on SST, and what it costs: test scores against λ. Nothing is chosen here.
(import 'word_level.jsonnet') + {
  title: 'SST, the weight of tying and of conicity',
  figure: 'epsilon',
  measures: ['f1', 'f1_permuted_change', 'flip_share_attention', 'pearson', 'comprehensiveness_aopc', 'conicity', 'word_share'],
  parts: [
    { techniques: ['vanilla'] },
    { techniques: ['tying'], epsilons: [0.02, 0.05, 0.15, 0.5] },
    { techniques: ['conicity'], epsilons: [0.05, 0.15, 0.5, 1.5] },
  ],
}
