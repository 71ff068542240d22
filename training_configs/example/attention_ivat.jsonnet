(import '../corpora/example.libsonnet') + (import '../techniques/attention_ivat.libsonnet')
