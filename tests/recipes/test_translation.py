from lengthwise.models import transformer
from lengthwise.recipes import translation


def test_the_demo_leaves_time_for_set_up_within_15_minutes():
    demo = translation.demo()
    assert demo.problem == "translation.libreoffice_en_de"
    assert demo.train.minutes is not None and demo.train.minutes <= 12
    assert demo.train.validate_every > 0


def test_the_small_recipe_is_bounded_by_an_hour():
    assert translation.small().train.minutes == 60


def test_the_paper_is_followed_in_all_that_it_states():
    paper = translation.paper_base()
    assert paper.model == transformer.paper_base()
    assert (paper.train.steps, paper.train.minutes, paper.train.label_smoothing) == (100_000, None, 0.1)
    optimizer, schedule = paper.train.optimizer, paper.train.schedule
    assert (optimizer.name, optimizer.betas, optimizer.epsilon, optimizer.weight_decay) == (
        "adamw",
        (0.9, 0.98),
        1e-9,
        0,
    )
    assert (schedule.name, schedule.warmup_steps) == ("noam", 4000)
    assert paper.train.average_last == 5 <= paper.train.keep_last
