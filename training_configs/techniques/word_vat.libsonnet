// Virtual adversarial training on word embeddings (Miyato et al. 2017).
// epsilon: found on SST's validation data for embeddings that start at random, which are small: at 5 nothing is learned. For
// pretrained vectors search it anew; the papers' range is [0.01, 30].
{ regularizers:: [{ type: 'word_vat', epsilon: 0.1, weight: 1.0, xi: 0.1, num_power_iterations: 1 }] }
