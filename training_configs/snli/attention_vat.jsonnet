(import '../corpora/snli.libsonnet') + (import '../techniques/attention_vat.libsonnet')
