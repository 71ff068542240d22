// How readable the attention of three models is, by all measures but the comparison of seeds, which wants the models that
// are kept here: `allennlp evaluate-attention MODEL DATA --seeds OTHERS`. The word vectors: see sst.jsonnet.
(import 'sst.jsonnet') + {
  title: 'Readability of attention on SST',
  keep_models: true,
  evaluation: [
    'correlation', 'leave_one_out', 'permutation', 'adversarial_attention', 'uniform', 'robustness', 'faithfulness',
    'hotflip', 'input_reduction',
  ],
  measures: [
    'accuracy', 'f1',
    'pearson', 'pearson_attention_constant', 'spearman_attention_constant',
    'kendall', 'kendall_attention_constant', 'kendall_significant_attention_constant',
    'kendall_leave_one_out', 'kendall_gradient_leave_one_out',
    'permutation_difference', 'adversarial_jsd',
    'uniform_difference', 'accuracy_uniform', 'uniform_jsd',
    'comprehensiveness_aopc', 'sufficiency_aopc',
    'scores_accuracy@3', 'scores_accuracy@30', 'scores_difference@3', 'scores_difference@30', 'scores_attention_jsd@3',
    'embeddings_accuracy@0.3', 'embeddings_accuracy@1',
    'hotflip_success', 'hotflip_words', 'input_reduction_words',
  ],
  parts: [
    { techniques: ['vanilla'] },
    // What the configurations ship; validation data does not prefer any (docs/results.md).
    { techniques: ['attention_vat', 'attention_ivat'], epsilons: [5] },
  ],
}
