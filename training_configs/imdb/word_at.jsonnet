(import '../corpora/imdb.libsonnet') + (import '../techniques/word_at.libsonnet')
