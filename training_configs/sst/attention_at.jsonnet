(import '../corpora/sst.libsonnet') + (import '../techniques/attention_at.libsonnet')
