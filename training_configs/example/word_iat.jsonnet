(import '../corpora/example.libsonnet') + (import '../techniques/word_iat.libsonnet')
