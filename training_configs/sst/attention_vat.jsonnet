(import '../corpora/sst.libsonnet') + (import '../techniques/attention_vat.libsonnet')
