(import '../corpora/ag_news.libsonnet') + (import '../techniques/word_vat.libsonnet')
