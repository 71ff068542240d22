(import '../corpora/imdb.libsonnet') + (import '../techniques/vanilla.libsonnet')
