(import '../corpora/sst.libsonnet') + (import '../techniques/attention_iat.libsonnet')
