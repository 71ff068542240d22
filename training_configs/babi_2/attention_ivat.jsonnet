(import '../corpora/babi_2.libsonnet') + (import '../techniques/attention_ivat.libsonnet')
