(import '../corpora/ag_news.libsonnet') + (import '../techniques/vanilla.libsonnet')
