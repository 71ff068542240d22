import attention_vat.data.corpora
import attention_vat.data.data_loaders
import attention_vat.data.dataset_readers
import attention_vat.data.token_indexers
import attention_vat.data.tokenizers
