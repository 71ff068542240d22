// Adversarial training on word embeddings (Miyato et al. 2017).
// epsilon: the papers search it in [0.01, 30] on validation data.
{ regularizers:: [{ type: 'word_at', epsilon: 5.0, weight: 1.0 }] }
