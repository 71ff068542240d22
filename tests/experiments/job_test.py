import json

from attention_vat.experiments.job import LOG, last_line


def test_last_line_of_a_log(tmp_path):
    assert last_line(tmp_path / LOG) == "no log was written"
    (tmp_path / LOG).write_text("")
    assert last_line(tmp_path / LOG) == "the log is empty"
    (tmp_path / LOG).write_text(json.dumps("a") + "\nb \n\n")
    assert last_line(tmp_path / LOG) == "b"
