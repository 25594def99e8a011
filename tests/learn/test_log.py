import json

from crosscodec.learn.log import Log


def test_rows_after_the_checkpoint_are_dropped_on_resume(tmp_path):
    path = tmp_path / "log.jsonl"
    log = Log(path, 0)
    for step in (10, 20, 30):
        log.add(step, 1.26, loss=0.5)
    path.write_text(path.read_text() + '{"step": 35, "lo')
    Log(path, 20).add(30, 2.0, loss=0.25)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(row["step"], row["loss"]) for row in rows] == [(10, 0.5), (20, 0.5), (30, 0.25)]
    assert rows[0]["seconds"] == 1.3
