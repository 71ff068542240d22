(import '../corpora/multinli.libsonnet') + (import '../techniques/attention_at.libsonnet')
