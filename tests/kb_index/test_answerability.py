"""What tells whether any article answers a message."""

from __future__ import annotations

import numpy as np

from kb_index.answerability import likeness

KNOWN = np.eye(12, dtype=np.float32)


def test_likeness_is_the_mean_cosine_to_the_ten_nearest() -> None:
    vectors = np.array([[*[0.5] * 4, *[0.0] * 8], [*[0.0] * 11, 1.0]], np.float32)
    np.testing.assert_allclose(likeness(vectors, KNOWN), [0.2, 0.1])


def test_a_message_among_those_known_is_not_compared_with_itself() -> None:
    np.testing.assert_allclose(likeness(KNOWN, KNOWN, itself=True), np.zeros(12))


def test_where_nothing_else_is_known_there_is_no_likeness() -> None:
    np.testing.assert_array_equal(likeness(KNOWN[:1], KNOWN[:1], itself=True), [0])
    np.testing.assert_array_equal(likeness(KNOWN, KNOWN[:0]), np.zeros(12))
