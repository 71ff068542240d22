(import '../corpora/newsgroups.libsonnet') + (import '../techniques/attention_vat.libsonnet')
