(import '../corpora/multinli.libsonnet') + (import '../techniques/attention_iat.libsonnet')
