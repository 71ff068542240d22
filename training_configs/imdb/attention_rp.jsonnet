(import '../corpora/imdb.libsonnet') + (import '../techniques/attention_rp.libsonnet')
