(import '../corpora/imdb.libsonnet') + (import '../techniques/attention_vat.libsonnet')
