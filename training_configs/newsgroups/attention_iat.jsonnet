(import '../corpora/newsgroups.libsonnet') + (import '../techniques/attention_iat.libsonnet')
