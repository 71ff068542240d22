import pytest
from allennlp.data import Vocabulary

from attention_vat.common.vocabulary import indices_of


@pytest.mark.parametrize("namespace", ["tokens", "labels", "question_tags", "words"])
def test_looking_up_changes_nothing_and_says_what_allennlp_says(namespace, tmp_path):
    vocabulary = Vocabulary()
    vocabulary.add_token_to_namespace("film")
    expected = dict(vocabulary._token_to_index), dict(vocabulary._index_to_token)
    found = indices_of(vocabulary, namespace)
    assert (dict(vocabulary._token_to_index), dict(vocabulary._index_to_token)) == expected
    vocabulary.save_to_files(str(tmp_path))
    assert found == vocabulary.get_token_to_index_vocabulary(namespace)
