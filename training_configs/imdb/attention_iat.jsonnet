(import '../corpora/imdb.libsonnet') + (import '../techniques/attention_iat.libsonnet')
