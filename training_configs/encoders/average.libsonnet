// Jain & Wallace's "average": each word on its own, so that attention and importance can only agree on words.
{
  encoder:: {
    type: 'feedforward',
    feedforward: { input_dim: $.vectors.dim, num_layers: 1, hidden_dims: $.hidden_size, activations: 'tanh' },
  },
}
