// Adversarial training on word embeddings, towards the nearest words (Sato et al. 2018).
// epsilon: the papers search it in [0.01, 30] on validation data.
{ regularizers:: [{ type: 'word_iat', epsilon: 5.0, weight: 1.0, num_neighbors: 10 }] }
