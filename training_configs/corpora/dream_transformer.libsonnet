// DREAM, questions on dialogues with three choices:  allennlp make-dataset dream --source FOLDER
(import '../regularized.libsonnet') + {
  data_dir:: 'data/dream',
  validation_metric:: '+acc',
  batch_size:: 16,
  max_length:: 512,
  dataset_reader: {
    type: 'multiple_choice',
    transformer_model_name: $.encoder_name,
    length_limit: $.max_length,
  },
  inner:: { type: 'transformer_mc', transformer_model: $.encoder_name },
  data_loader: { batch_size: $.batch_size, shuffle: true },
}
