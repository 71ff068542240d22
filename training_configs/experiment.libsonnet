// What all experiments share: data, optimizer, checkpoints, and the callback for unlabelled text and exact recovery.
//
// `CORPUS/TECHNIQUE.jsonnet` is no file: it is corpora/CORPUS.libsonnet with `technique:: 'TECHNIQUE'`, and may be given to
// all commands and imported as if it were there.
//
// The hidden fields (with ::) are the parameters of an experiment. A corpus and a model set some of them, and a file of
// your own may set any, for example to start from pretrained vectors (a file or a URL in the text format of GloVe):
//
//     (import 'training_configs/sst/attention_ivat.jsonnet') + { vectors:: { file: 'vectors.txt.gz', dim: 100 } }
local semi_supervised = '_semi_supervised';
local parts_of(technique) = std.split(std.strReplace(technique, semi_supervised, ''), '+');

{
  technique:: 'vanilla',  // or any of techniques.libsonnet, or several with + between them, also with `_semi_supervised`
  epsilon:: null,  // in place of the technique's, where it has one
  weight:: null,  // the same, λ
  data_dir:: error 'a corpus sets data_dir',
  unlabeled_pool:: null,  // a corpus sets it, if it has unlabelled text
  unlabeled_ratio:: 1.0,
  unlabeled_sentences:: null,  // so many from the beginning of the pool
  vectors:: { file: null, dim: 300 },
  min_count:: 1,  // of the words of the vocabulary
  vocabulary_from_vectors:: false,  // all words of `vectors.file` too: with few labels most words of other text are unknown
  hidden_size:: 128,  // of each direction; with `tying` it is half of the embeddings, whatever is set here
  batch_size:: 32,
  num_epochs:: 8,
  lr:: 1e-3,
  weight_decay:: 1e-5,
  seed:: 13370,
  validation_metric:: '+f1',
  tokenizer:: 'words',  // of raw text, when predicting; the corpora's files have words already
  label_names:: null,  // what people read in the place of labels, as { '0': 'negative', '1': 'positive' }; a corpus sets it
  fields:: error 'a model sets fields',  // what it reads; metadata is not needed in training
  sorting_key:: error 'a model sets sorting_key',
  cuda_device:: -1,
  cuda_graphs:: false,  // replay steps on the GPU: several times faster on short texts, see docs/training.md

  all_techniques:: import 'techniques.libsonnet',
  // Those that compare predictions and need no label.
  is_virtual(name)::
    local compare = [
      'adversarial_self_attention', 'r_drop', 'random_attention_mask', 'smart',
      'tying', 'conicity', 'masked_language_model',
    ];
    std.any([
      std.objectHas(it, 'xi') || std.objectHas(({ objective: {} } + it).objective, 'xi')
      || std.member(compare, it.type)
      for it in $.all_techniques[name]
    ]),
  techniques:: std.objectFields($.all_techniques) + [
    name + semi_supervised
    for name in std.objectFields($.all_techniques)
    if $.unlabeled_pool != null && $.is_virtual(name)
  ],
  is_semi_supervised:: std.endsWith($.technique, semi_supervised),
  unlabeled_data_path:: if $.is_semi_supervised then $.unlabeled_pool else null,
  regularizers::
    local parts = parts_of($.technique);
    local known = std.all([std.objectHas($.all_techniques, part) for part in parts])
      && (!$.is_semi_supervised || ($.unlabeled_pool != null && std.any(std.map($.is_virtual, parts))));
    local all = [regularizer for part in parts for regularizer in $.all_techniques[part]];
    if known then
      local has_epsilon = [std.objectHas(regularizer, 'epsilon') for regularizer in all];
      assert $.epsilon == null || all == [] || std.any(has_epsilon) : 'epsilon: %s has none.' % $.technique;
      [
        regularizer {
          [if $.epsilon != null && std.objectHas(regularizer, 'epsilon') then 'epsilon']: $.epsilon,
          [if $.weight != null then 'weight']: $.weight,
        }
        for regularizer in all
      ]
    else error 'There is no technique "%s" here; choose from %s.' % [$.technique, std.join(', ', std.sort($.techniques))],

  embedder:: {
    token_embedders: {
      tokens: {
        type: 'embedding',
        embedding_dim: $.vectors.dim,
        [if $.vectors.file != null then 'pretrained_file']: $.vectors.file,
        trainable: true,
      },
    },
  },
  // Tying compares states with embeddings, so that both have one size.
  states_of_one_direction::
    if std.member([regularizer.type for regularizer in $.regularizers], 'tying') then std.floor($.vectors.dim / 2)
    else $.hidden_size,
  encoder:: {
    type: 'lstm',
    input_size: $.vectors.dim,
    hidden_size: $.states_of_one_direction,
    bidirectional: true,
  },
  query_encoder:: $.encoder,  // of the second of two texts

  random_seed: $.seed,
  numpy_seed: $.seed,
  pytorch_seed: $.seed,
  train_data_path: $.data_dir + '/train.jsonl',
  validation_data_path: $.data_dir + '/validation.jsonl',
  datasets_for_vocab_creation: ['train'],
  vocabulary: { min_count: { tokens: $.min_count } } + (
    if $.vocabulary_from_vectors then {
      pretrained_files: { tokens: $.vectors.file },
      min_pretrained_embeddings: { tokens: 1000000000 },
    } else {}
  ),
  data_loader: {
    type: 'flat',
    fields: $.fields,
    batch_sampler: { type: 'bucket', batch_size: $.batch_size, sorting_keys: [$.sorting_key] },
  },
  // Without a sampler, so that validation draws no random numbers and the training data keeps its order.
  validation_data_loader: { batch_size: 128, shuffle: false },
  trainer: {
    optimizer: { type: 'fused_adam', lr: $.lr, amsgrad: true, weight_decay: $.weight_decay },
    num_epochs: $.num_epochs,
    validation_metric: $.validation_metric,
    checkpointer: { type: 'whole', keep_most_recent_by_count: 2 },
    callbacks: [{
      type: 'virtual_adversarial_training',
      [if $.unlabeled_data_path != null then 'unlabeled_data_path']: $.unlabeled_data_path,
      [if $.unlabeled_data_path != null then 'unlabeled_ratio']: $.unlabeled_ratio,
      [if $.unlabeled_data_path != null && $.unlabeled_sentences != null then 'unlabeled_dataset_reader']:
        $.dataset_reader { max_instances: $.unlabeled_sentences },
    }] + (if $.cuda_graphs then [{ type: 'cuda_graphs' }] else []),
    cuda_device: $.cuda_device,
  },
}
