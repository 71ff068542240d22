(import '../corpora/newsgroups.libsonnet') + (import '../techniques/word_iat.libsonnet')
