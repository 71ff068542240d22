(import 'word_vat.jsonnet') + (import '../techniques/semi_supervised.libsonnet')
