(import '../corpora/snli.libsonnet') + (import '../techniques/attention_ivat.libsonnet')
