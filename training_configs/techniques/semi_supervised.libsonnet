// Adds the corpus' unlabelled sentences to a virtual technique.
{
  unlabeled_data_path:: self.unlabeled_pool,
  unlabeled_ratio:: 1.0,
}
