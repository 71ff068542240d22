(import '../corpora/newsgroups.libsonnet') + (import '../techniques/word_ivat.libsonnet')
