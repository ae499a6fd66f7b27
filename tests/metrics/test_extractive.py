from lengthwise.metrics.extractive import central, lead, sentences


def test_the_lead_is_the_first_sentence_or_line():
    assert lead(["One thing. Another.", "A list:\nx\ny", "no end"]) == ["One thing.", "A list:", "no end"]


def test_abbreviations_before_small_letters_end_nothing():
    assert sentences("It is e.g. small. Then comes more") == ["It is e.g. small.", "Then comes more"]


def test_the_central_sentence_has_the_words_that_the_text_is_about():
    texts = ["This is a package. A parser of XML files reads XML. It is small.", "This is a package. It is a game."]
    assert central(texts)[0] == "A parser of XML files reads XML."


def test_texts_of_nothing_but_signs_are_themselves():
    assert central(["---", "..."]) == ["---", "..."]
