(import '../corpora/multinli.libsonnet') + (import '../techniques/attention_ivat.libsonnet')
