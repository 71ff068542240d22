// STS Benchmark, how similar two sentences are:  allennlp make-dataset stsb --source FOLDER
(import '../regularized.libsonnet') + {
  data_dir:: 'data/stsb',
  validation_metric:: '+pearson',
  dataset_reader+: { regression: true },
  inner:: {
    type: 'text_pair_regressor',
    text_field_embedder: $.embedder,
    seq2vec_encoder: { type: 'boe', embedding_dim: $.embedding_dim, averaged: true },
    dropout: 0.1,
  },
}
