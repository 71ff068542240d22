(import '../corpora/imdb.libsonnet') + (import '../techniques/word_iat.libsonnet')
