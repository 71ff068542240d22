(import '../corpora/multinli.libsonnet') + (import '../techniques/word_at.libsonnet')
