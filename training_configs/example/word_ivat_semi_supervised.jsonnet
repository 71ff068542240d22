(import 'word_ivat.jsonnet') + (import '../techniques/semi_supervised.libsonnet')
