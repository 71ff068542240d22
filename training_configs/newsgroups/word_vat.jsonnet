(import '../corpora/newsgroups.libsonnet') + (import '../techniques/word_vat.libsonnet')
