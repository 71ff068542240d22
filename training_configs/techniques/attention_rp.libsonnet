// Random perturbations of attention scores, the control of Kitada & Iyatomi (2021).
// epsilon: the papers search it in [0.01, 30] on validation data.
{ regularizers:: [{ type: 'attention_rp', epsilon: 5.0, weight: 1.0 }] }
