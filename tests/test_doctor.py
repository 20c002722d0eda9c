from unspool import doctor


def test_it_tells_what_unspool_runs_on(monkeypatch):
    monkeypatch.setattr(doctor, "measure", lambda: doctor.Speed(3.0, 2.0, 1.0))
    monkeypatch.setenv("UNSPOOL_CACHE", "/somewhere")
    findings = doctor.examine()
    assert findings["folders"]["cache"] == "/somewhere"
    assert findings["environment"]["kernels"].split(":")[0] in ("native", "reference")
    assert {"keras", "jax", "instruction_set", "threads"} <= set(findings["environment"])
    assert findings["gflops"] == {"matrix_product": 3.0, "lstm": 2.0, "keras_lstm": 1.0}


def test_a_speed_is_work_over_time():
    speed = doctor.measure(seconds=0.03)
    for figure in (speed.matrix_product, speed.lstm, speed.keras_lstm):
        assert 0 < figure < 1e5
