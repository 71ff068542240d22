(import '../corpora/example.libsonnet') + (import '../techniques/attention_iat.libsonnet')
