(import '../corpora/cnn.libsonnet') + (import '../techniques/attention_rp.libsonnet')
