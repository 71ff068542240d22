// (import 'sst/attention_ivat.jsonnet') + (import 'encoders/gru.libsonnet')
{ encoder:: { type: 'gru', input_size: $.vectors.dim, hidden_size: $.hidden_size, bidirectional: true } }
