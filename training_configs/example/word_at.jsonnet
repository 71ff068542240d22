(import '../corpora/example.libsonnet') + (import '../techniques/word_at.libsonnet')
