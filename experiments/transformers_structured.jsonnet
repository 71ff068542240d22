// As transformers.jsonnet, for a regression and for tagging.
//
//     allennlp make-dataset stsb --labeled 1000 -o data/stsb_1000 --source FOLDER
//     allennlp make-dataset wnut17 --labeled 1000 -o data/wnut17_1000 --source FOLDER
//     allennlp reproduce experiments/transformers_structured.jsonnet
(import 'transformers.jsonnet') + {
  title: 'Regularizers inside a Transformer, a regression and tags, 1,000 labels',
  evaluation: ['model'],
  measures: ['prediction', 'training_kept_share', 'training_divergence', 'training_memory'],
  keep_models: false,
  parts: $.techniques('stsb', 3, { parameters: { embedding_dim: 384 } }, {})
         + $.techniques('wnut17', 3, { parameters: { embedding_dim: 384, num_epochs: 6 } }, {}),
}
