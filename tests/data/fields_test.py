from allennlp.data import Batch, Instance, Vocabulary

from attention_vat.data.fields import CandidatesField


def indexed(*candidates, known=("a", "b", "c")):
    vocab = Vocabulary()
    for label in known:
        vocab.add_token_to_namespace(label, "labels")
    batch = Batch([Instance({"candidates": CandidatesField(labels)}) for labels in candidates])
    batch.index_instances(vocab)
    return batch.as_tensor_dict()["candidates"].tolist()


def test_marks_the_candidates():
    assert indexed(["c", "a"], ["b"]) == [[1, 0, 1], [0, 1, 0]]


def test_unknown_candidates_are_left_out():
    assert indexed(["z", "b"], ["z"], []) == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_candidates_of_the_training_set_are_labels():
    instances = [
        Instance({"candidates": CandidatesField(["a", "b"])}),
        Instance({"candidates": CandidatesField(["a"])}),
    ]
    assert Vocabulary.from_instances(instances).get_token_to_index_vocabulary("labels") == {"a": 0, "b": 1}


def test_can_be_padded_as_a_field_of_a_list():
    field = CandidatesField(["a"])
    vocab = Vocabulary()
    vocab.add_token_to_namespace("a", "labels")
    field.index(vocab)
    assert field.empty_field().as_tensor({}).tolist() == [0]
