"""Small numbers of people."""

import pytest

from peerhub.common.disclosure import is_small, small_count


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5"), (1905, "1,905")],
)
def test_small_count_says_only_what_hides_everyone(count, words):
    assert small_count(count) == words
    assert is_small(count) is (words == "fewer than 5")
