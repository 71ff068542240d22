(import 'attention_vat.jsonnet') + (import '../techniques/semi_supervised.libsonnet')
