(import '../corpora/multinli.libsonnet') + (import '../techniques/attention_vat.libsonnet')
