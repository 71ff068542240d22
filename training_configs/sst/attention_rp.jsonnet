(import '../corpora/sst.libsonnet') + (import '../techniques/attention_rp.libsonnet')
