(import '../corpora/cnn.libsonnet') + (import '../techniques/attention_at.libsonnet')
