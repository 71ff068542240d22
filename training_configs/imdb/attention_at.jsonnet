(import '../corpora/imdb.libsonnet') + (import '../techniques/attention_at.libsonnet')
