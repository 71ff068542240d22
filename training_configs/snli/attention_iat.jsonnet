(import '../corpora/snli.libsonnet') + (import '../techniques/attention_iat.libsonnet')
