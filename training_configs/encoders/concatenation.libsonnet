// States with the embeddings of their words beside them (Tutek & Šnajder 2020).
{
  encoder:: {
    type: 'with_embeddings',
    encoder: { type: 'lstm', input_size: $.vectors.dim, hidden_size: $.hidden_size, bidirectional: true },
  },
  query_encoder:: { type: 'lstm', input_size: $.vectors.dim, hidden_size: $.hidden_size, bidirectional: true },
}
