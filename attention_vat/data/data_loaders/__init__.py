from attention_vat.data.data_loaders.flat import FlatDataLoader
