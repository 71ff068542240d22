(import '../corpora/example.libsonnet') + (import '../techniques/attention_at.libsonnet')
