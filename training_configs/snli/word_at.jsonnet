(import '../corpora/snli.libsonnet') + (import '../techniques/word_at.libsonnet')
