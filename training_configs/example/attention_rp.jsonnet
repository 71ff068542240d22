(import '../corpora/example.libsonnet') + (import '../techniques/attention_rp.libsonnet')
