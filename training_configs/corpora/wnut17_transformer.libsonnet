// WNUT-17, emerging entities:  allennlp make-dataset wnut17 --source FOLDER
(import '../regularized.libsonnet') + {
  data_dir:: 'data/wnut17',
  validation_metric:: '+entity_f1',
  dataset_reader: {
    type: 'word_tags',
    token_indexers: { tokens: { type: 'pretrained_transformer_mismatched', model_name: $.encoder_name } },
  },
  inner:: {
    type: 'word_tagger',
    text_field_embedder: $.embedder,
    encoder: { type: 'pass_through', input_dim: $.embedding_dim },
  },
}
