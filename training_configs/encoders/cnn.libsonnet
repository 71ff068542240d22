// Jain & Wallace's CNN: 32 filters of each width.
{ encoder:: { type: 'cnn_words', input_dim: $.vectors.dim, num_filters: 32, ngram_filter_sizes: [1, 3, 5, 7] } }
