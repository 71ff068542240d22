(import '../corpora/babi_1.libsonnet') + (import '../techniques/attention_at.libsonnet')
