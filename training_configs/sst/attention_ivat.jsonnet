(import '../corpora/sst.libsonnet') + (import '../techniques/attention_ivat.libsonnet')
