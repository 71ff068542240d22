(import '../corpora/cnn.libsonnet') + (import '../techniques/attention_vat.libsonnet')
