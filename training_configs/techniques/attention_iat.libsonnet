// Adversarial training along differences of attention scores (Kitada & Iyatomi 2021).
// epsilon: the papers search it in [0.01, 30] on validation data.
// What `normalization` means: docs/is-ivat-different-from-vat.md
{ regularizers:: [{ type: 'attention_iat', epsilon: 5.0, weight: 1.0, normalization: 'word' }] }
