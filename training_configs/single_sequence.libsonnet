// A classifier of single texts: BiLSTM, additive attention, linear decoder. Its parameters: experiment.libsonnet.
(import 'experiment.libsonnet') + {
  fields:: ['tokens', 'label'],
  sorting_key:: 'tokens',
  dataset_reader: { type: 'single_sequence', tokenizer: $.tokenizer },
  model: {
    type: 'single_sequence_attention',
    text_field_embedder: $.embedder,
    encoder: $.encoder,
    scorer: { type: 'additive' },
    regularizers: $.regularizers,
    [if $.label_names != null then 'label_names']: $.label_names,
  },
}
