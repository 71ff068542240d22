(import '../corpora/imdb.libsonnet') + (import '../techniques/attention_ivat.libsonnet')
