// Virtual adversarial training on word embeddings, towards the nearest words (Sato et al. 2018).
// epsilon: the papers search it in [0.01, 30] on validation data.
{
  regularizers:: [
    { type: 'word_ivat', epsilon: 5.0, weight: 1.0, xi: 0.1, num_power_iterations: 1, num_neighbors: 10 },
  ],
}
