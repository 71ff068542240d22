(import '../corpora/imdb.libsonnet') + (import '../techniques/word_ivat.libsonnet')
