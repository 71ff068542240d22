(import '../corpora/snli.libsonnet') + (import '../techniques/attention_rp.libsonnet')
