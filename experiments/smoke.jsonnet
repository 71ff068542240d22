// A small experiment on the embedded example, to see that everything works:
//
//     allennlp reproduce experiments/smoke.jsonnet
{
  title: 'Smoke test on the example',
  corpora: ['example'],
  seeds: [0, 1, 2],
  measures: ['prediction', 'accuracy', 'pearson', 'auprc'],
  parts: [
    { techniques: ['vanilla'] },
    { techniques: ['attention_at', 'attention_ivat'], search: { num_samples: 3 } },
    { techniques: ['attention_ivat_semi_supervised'], search: { num_samples: 2 }, unlabeled: [{ count: 2000 }] },
  ],
  parameters: { num_epochs: 8 },
}
