// A Transformer that is fine-tuned on texts or pairs of texts. Its parameters: experiment.libsonnet, and those here.
(import 'experiment.libsonnet') + {
  encoder_name:: 'bert-base-uncased',  // a name at Hugging Face, or a folder
  max_length:: 256,  // in word pieces
  num_epochs:: 3,
  lr:: 3e-5,
  weight_decay:: 0.01,
  warmup_steps:: 100,
  matmul_precision:: null,  // 'high' or 'medium' is faster where the hardware has it
  validation_metric:: '+accuracy',

  all_techniques:: import 'transformer_techniques.libsonnet',
  fields:: null,
  sorting_key:: 'tokens',
  dataset_reader: {
    type: 'transformer_text',
    token_indexers: {
      tokens: { type: 'transformer_words', model_name: $.encoder_name, max_length: $.max_length },
    },
  },
  vocabulary: {},
  model: {
    type: 'transformer_classifier',
    model_name: $.encoder_name,
    regularizers: $.regularizers,
    [if $.label_names != null then 'label_names']: $.label_names,
  },
  data_loader: {
    batch_sampler: { type: 'bucket', batch_size: $.batch_size, sorting_keys: [$.sorting_key] },
  },
  validation_data_loader: { batch_size: 64, shuffle: false },
  trainer+: {
    optimizer: {
      type: 'huggingface_adamw',
      lr: $.lr,
      weight_decay: $.weight_decay,
      parameter_groups: [[['bias', 'LayerNorm'], { weight_decay: 0.0 }]],
    },
    learning_rate_scheduler: { type: 'linear_with_warmup', warmup_steps: $.warmup_steps },
    grad_norm: 1.0,
    callbacks+: if $.matmul_precision == null then [] else [
      { type: 'matmul_precision', precision: $.matmul_precision },
    ],
  },
}
