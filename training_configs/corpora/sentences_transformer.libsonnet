// A Transformer that is trained further on unlabelled text, by masked language modeling:
//
//     allennlp make-dataset sentences --source FILE...
(import '../regularized.libsonnet') + {
  data_dir:: 'data/sentences',
  validation_data_path: 'data/sst/validation.jsonl',  // any texts; their labels are not read
  validation_metric:: '-perplexity',
  num_epochs:: 1,
  lr:: 1e-4,
  max_length:: 128,
  train_data_path: $.data_dir + '/unlabeled.jsonl',
  datasets_for_vocab_creation: [],
  vocabulary: { type: 'empty' },
  dataset_reader: { type: 'masked_words', model_name: $.encoder_name, max_length: $.max_length },
  inner:: { type: 'masked_words', model_name: $.encoder_name },
}
