(import '../corpora/multinli.libsonnet') + (import '../techniques/word_iat.libsonnet')
