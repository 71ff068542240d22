(import '../corpora/cnn.libsonnet') + (import '../techniques/attention_iat.libsonnet')
