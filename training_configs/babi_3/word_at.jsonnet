(import '../corpora/babi_3.libsonnet') + (import '../techniques/word_at.libsonnet')
