// States to which the embeddings of their words are added (Tutek & Šnajder 2020).
{
  encoder:: {
    type: 'with_embeddings',
    mode: 'residual',
    encoder: {
      type: 'lstm',
      input_size: $.vectors.dim,
      hidden_size: std.floor($.vectors.dim / 2),
      bidirectional: true,
    },
  },
  query_encoder:: { type: 'lstm', input_size: $.vectors.dim, hidden_size: $.hidden_size, bidirectional: true },
}
