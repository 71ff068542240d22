// Adversarial training on word embeddings, towards the nearest words (Sato et al. 2018).
// epsilon: found on SST's validation data for embeddings that start at random, which are small: at 5 nothing is learned. For
// pretrained vectors search it anew; the papers' range is [0.01, 30].
{ regularizers:: [{ type: 'word_iat', epsilon: 0.1, weight: 1.0, num_neighbors: 10 }] }
