(import '../corpora/babi_3.libsonnet') + (import '../techniques/attention_vat.libsonnet')
