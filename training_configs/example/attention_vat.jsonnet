(import '../corpora/example.libsonnet') + (import '../techniques/attention_vat.libsonnet')
