// States that point in new directions (Mohankumar et al. 2020).
{
  encoder:: { type: 'orthogonal_lstm', input_size: $.vectors.dim, hidden_size: 2 * $.hidden_size },
  query_encoder:: { type: 'lstm', input_size: $.vectors.dim, hidden_size: $.hidden_size, bidirectional: true },
}
