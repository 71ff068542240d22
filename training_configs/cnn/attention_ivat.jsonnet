(import '../corpora/cnn.libsonnet') + (import '../techniques/attention_ivat.libsonnet')
