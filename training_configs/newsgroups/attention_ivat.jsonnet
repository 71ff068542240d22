(import '../corpora/newsgroups.libsonnet') + (import '../techniques/attention_ivat.libsonnet')
