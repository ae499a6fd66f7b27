from lengthwise.run import experiment_of, problem_of, resolved


def test_programs_are_packed_and_half_of_them_have_gaps():
    experiment = resolved(experiment_of("code.python", None, None, {}))
    assert experiment.batch.packed is True and experiment.decode.method == "sampling"
    problem = problem_of(experiment)
    assert problem.is_cut and problem.targets.feature.size == 8000
    assert getattr(problem.source, "rate", None) == 0.5
