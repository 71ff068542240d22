(import '../corpora/multinli.libsonnet') + (import '../techniques/attention_rp.libsonnet')
