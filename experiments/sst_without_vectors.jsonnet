// As sst.jsonnet, with embeddings from scratch.
(import 'sst.jsonnet') + {
  title: 'SST, all techniques, without pretrained vectors',
  parameters+: { vectors: { file: null, dim: 300 } },
}
