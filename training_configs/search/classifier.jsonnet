// A classifier of texts or of pairs of texts for `allennlp search`: every value comes from a search space
// (../search_spaces).
//
// It imports nothing and every variable is in the space, so that AllenTune runs it too. A run trains in its own
// directory: a path is absolute, or counted from there.
local number(name) = std.parseJson(std.extVar(name));

local technique = std.extVar('TECHNIQUE');
local is_virtual = std.member(['word_vat', 'word_ivat', 'attention_vat', 'attention_ivat'], technique);
// Of other techniques unlabelled sentences are of no use.
local num_unlabeled = if is_virtual then number('UNLABELED_SENTENCES') else 0;
local vectors = std.extVar('VECTORS');
local is_pair = { single_sequence: false, pair_sequence: true }[std.extVar('MODEL')];
local reader = { type: std.extVar('MODEL'), tokenizer: 'words' };
local embedder = {
  token_embedders: {
    tokens: {
      type: 'embedding',
      embedding_dim: number('EMBEDDING_DIM'),
      [if vectors != '' then 'pretrained_file']: vectors,
      trainable: true,
    },
  },
};
local encoder = {
  type: 'lstm',
  input_size: number('EMBEDDING_DIM'),
  hidden_size: number('HIDDEN_SIZE'),
  bidirectional: true,
};

local regularizer =
  { type: technique, epsilon: number('EPSILON'), weight: number('LAMBDA') }
  + (if is_virtual then { xi: 0.1, num_power_iterations: 1 } else {})
  + (if std.member(['attention_iat', 'attention_ivat'], technique) then { normalization: 'word' } else {})
  + (if std.member(['word_iat', 'word_ivat'], technique) then { num_neighbors: 10 } else {});

{
  random_seed: number('SEED'),
  numpy_seed: number('SEED'),
  pytorch_seed: number('SEED'),
  dataset_reader: reader,
  train_data_path: std.extVar('DATA_DIR') + '/train.jsonl',
  validation_data_path: std.extVar('DATA_DIR') + '/validation.jsonl',
  datasets_for_vocab_creation: ['train'],
  vocabulary: { min_count: { tokens: 1 } },
  model: {
    type: std.extVar('MODEL') + '_attention',
    text_field_embedder: embedder,
    [if is_pair then 'hypothesis_text_field_embedder']: embedder,
    encoder: encoder,
    [if is_pair then 'hypothesis_encoder']: encoder,
    scorer: { type: 'additive' },
    regularizers: if technique == 'vanilla' then [] else [regularizer],
  },
  data_loader: {
    type: 'flat',
    fields: if is_pair then ['premise', 'hypothesis', 'candidates', 'label'] else ['tokens', 'label'],
    batch_sampler: { type: 'bucket', batch_size: 32, sorting_keys: [if is_pair then 'premise' else 'tokens'] },
  },
  validation_data_loader: { batch_size: 128, shuffle: false },
  trainer: {
    optimizer: { type: 'fused_adam', lr: 1e-3, amsgrad: true, weight_decay: 1e-5 },
    num_epochs: number('NUM_EPOCHS'),
    validation_metric: if is_pair then '+accuracy' else '+f1',
    checkpointer: { type: 'whole', keep_most_recent_by_count: 2 },
    callbacks: [
      { type: 'virtual_adversarial_training' }
      + (
        if num_unlabeled == 0 then {} else {
          unlabeled_data_path: std.extVar('UNLABELED'),
          unlabeled_ratio: 1.0,
          unlabeled_dataset_reader: reader { max_instances: num_unlabeled },
        }
      ),
    ],
    cuda_device: number('CUDA_DEVICE'),
  },
}
