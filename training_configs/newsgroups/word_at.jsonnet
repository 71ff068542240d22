(import '../corpora/newsgroups.libsonnet') + (import '../techniques/word_at.libsonnet')
