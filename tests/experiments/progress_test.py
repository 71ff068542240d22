from types import SimpleNamespace

from attention_vat.experiments import progress
from attention_vat.experiments.progress import Progress


class Bar:
    def __init__(self, total, initial, **_):
        self.total, self.n, self.shown, self.closed = total, initial, [], False

    def update(self, more):
        self.n += more

    def set_postfix_str(self, text):
        self.shown.append((self.n, text))

    def close(self):
        self.closed = True


def test_what_is_seen(monkeypatch):
    bars = []
    monkeypatch.setattr(progress.Tqdm, "tqdm", lambda **options: bars.append(Bar(**options)) or bars[-1])
    jobs = [SimpleNamespace(name=f"sst/{number}", stage="epoch 1/2") for number in range(4)]
    shown = Progress(6)
    shown.close()
    shown.show(1, jobs[:2], 0)
    shown.show(1, jobs[:2], 0)
    shown.show(3, jobs, 1)
    shown.close()
    (bar,) = bars
    assert (bar.total, bar.closed) == (6, True)
    assert bar.shown == [
        (1, "sst/0 epoch 1/2, sst/1 epoch 1/2"),
        (3, "sst/0 epoch 1/2, sst/1 epoch 1/2, 2 more, 1 failed"),
    ]
