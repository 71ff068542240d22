// Virtual adversarial training on attention scores (Kitada & Iyatomi 2022).
// epsilon: the papers search it in [0.01, 30] on validation data.
{ regularizers:: [{ type: 'attention_vat', epsilon: 5.0, weight: 1.0, xi: 0.1, num_power_iterations: 1 }] }
