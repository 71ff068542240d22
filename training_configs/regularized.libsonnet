// Any model around a Transformer, with regularizers. A corpus sets `inner`, the model. Parameters: transformer.libsonnet.
(import 'transformer.libsonnet') + {
  inner:: error 'a corpus sets inner',
  embedding_dim:: 768,  // of the encoder
  embedder:: {
    token_embedders: { tokens: { type: 'pretrained_transformer_mismatched', model_name: $.encoder_name } },
  },
  // Targets between the stages of an attention classifier are none here; those inside the Transformer are.
  model: { type: 'regularized', model: $.inner, regularizers: $.regularizers },
}
