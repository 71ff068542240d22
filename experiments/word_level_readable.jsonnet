// Ten seeds of what word_level.jsonnet found: tying with Word AT, and its parts. λ and ε are those that validation data
// chose there with one seed.
(import 'word_level.jsonnet') + {
  title: 'SST, tying with Word AT',
  seeds: std.range(0, 9),
  measures: ['f1', 'f1_permuted_change', 'flip_share_attention', 'pearson', 'kendall', 'comprehensiveness_aopc'],
  parts: [
    { techniques: ['vanilla'] },
    { techniques: ['tying'], epsilons: [0.0474] },
    { techniques: ['word_at', 'tying+word_at'], epsilons: [0.328] },
    { techniques: ['attention_vat', 'tying+attention_vat'], epsilons: [4.74] },
  ],
}
