(import '../corpora/snli.libsonnet') + (import '../techniques/word_iat.libsonnet')
