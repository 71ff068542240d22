(import '../corpora/newsgroups.libsonnet') + (import '../techniques/attention_at.libsonnet')
