// The same along differences of attention scores. What `normalization` means: docs/techniques.md.
{
  regularizers:: [
    { type: 'attention_ivat', epsilon: 5.0, weight: 1.0, xi: 0.1, num_power_iterations: 1, normalization: 'word' },
  ],
}
