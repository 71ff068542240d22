// Virtual adversarial training along differences of attention scores (Kitada & Iyatomi 2022).
// epsilon: the papers search it in [0.01, 30] on validation data.
// What `normalization` means: docs/is-ivat-different-from-vat.md
{
  regularizers:: [
    { type: 'attention_ivat', epsilon: 5.0, weight: 1.0, xi: 0.1, num_power_iterations: 1, normalization: 'word' },
  ],
}
