(import '../corpora/ag_news.libsonnet') + (import '../techniques/attention_ivat.libsonnet')
