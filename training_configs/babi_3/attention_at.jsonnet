(import '../corpora/babi_3.libsonnet') + (import '../techniques/attention_at.libsonnet')
