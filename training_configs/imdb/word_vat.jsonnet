(import '../corpora/imdb.libsonnet') + (import '../techniques/word_vat.libsonnet')
