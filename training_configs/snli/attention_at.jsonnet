(import '../corpora/snli.libsonnet') + (import '../techniques/attention_at.libsonnet')
