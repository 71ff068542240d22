// A classifier of two texts: an encoder for each, additive attention over the first in the light of the second.
// Its parameters: experiment.libsonnet.
(import 'experiment.libsonnet') + {
  fields:: ['premise', 'hypothesis', 'candidates', 'label'],
  sorting_key:: 'premise',
  validation_metric:: '+accuracy',
  num_epochs:: 25,
  dataset_reader: { type: 'pair_sequence', tokenizer: $.tokenizer },
  model: {
    type: 'pair_sequence_attention',
    text_field_embedder: $.embedder,
    hypothesis_text_field_embedder: $.embedder,
    encoder: $.encoder,
    hypothesis_encoder: $.query_encoder,
    scorer: { type: 'additive' },
    regularizers: $.regularizers,
    [if $.label_names != null then 'label_names']: $.label_names,
  },
}
