(import '../corpora/newsgroups.libsonnet') + (import '../techniques/attention_rp.libsonnet')
