// The techniques for fine-tuning a Transformer. What acts inside: docs/transformers.md. A name may also have
// `_semi_supervised` behind it, if the technique compares predictions and the corpus has unlabelled text.
//
// epsilon: of the scores of all layers under one norm, and of input embeddings. Search it on validation data.
local scores = { epsilon: 5.0, weight: 1.0 };
local words = { type: 'perturbation', target: 'input_embeddings', epsilon: 1.0, weight: 1.0 };
local virtual = { xi: 0.1, num_power_iterations: 1 };
{
  // Without any.
  vanilla: [],
  // The same prediction under other dropout (Liang et al. 2021).
  r_drop: [{ type: 'r_drop', weight: 1.0 }],
  // Cells of self-attention closed at random, the control, and by an adversary (Wu et al. 2023): R as published, a sum,
  // and as a mean, which does not depend on lengths and layers.
  random_attention_mask: [{ type: 'random_attention_mask', weight: 1.0 }],
  adversarial_self_attention: [{ type: 'adversarial_self_attention', weight: 1.0 }],
  adversarial_self_attention_cell: [
    { type: 'adversarial_self_attention', regularizer_reduction: 'cell', weight: 1.0 },
  ],
  // Attention AT, iAT, VAT, iVAT and RP on the scores of self-attention.
  self_attention_at: [{ type: 'self_attention_at' } + scores],
  self_attention_iat: [{ type: 'self_attention_iat' } + scores],
  self_attention_vat: [{ type: 'self_attention_vat' } + scores + virtual],
  self_attention_ivat: [{ type: 'self_attention_ivat' } + scores + virtual],
  self_attention_rp: [{ type: 'self_attention_rp' } + scores],
  // Word AT and VAT on the embeddings inside the Transformer (Miyato et al. 2017).
  word_at: [words { objective: { type: 'adversarial' } }],
  word_vat: [words { objective: { type: 'virtual_adversarial' } + virtual }],
  // Several steps on the embeddings (Zhu et al. 2020, Jiang et al. 2020).
  freelb: [{ type: 'freelb', epsilon: 0.1 }],
  smart: [{ type: 'smart', epsilon: 0.01 }],
}
