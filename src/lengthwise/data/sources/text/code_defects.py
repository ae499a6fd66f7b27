"""Published problems whose reference does not settle what is right: they keep their given tests and no others."""

DEFECTS = {
    "HumanEval/32": "a polynomial has several zeros, and any of them is right",
    "HumanEval/47": "the prompt's second example is wrong: the median is 8.0, not 15.0",
    "HumanEval/75": "the prompt speaks of numbers below 100, the tests ask for larger ones",
    "HumanEval/116": "the prompt's example of negative numbers contradicts reference and tests",
    "HumanEval/122": "the reference takes a minus sign for a digit, so that -99 has three",
    "HumanEval/124": "the reference rejects the 30th and 31st of every month, and accepts years of three digits",
}
"""Task id -> what is wrong; found by running the references (tests/data/sources/text/test_code_defects.py), 47 and 116
also by others (openai/human-eval, pull request 23).
"""
