"""The examination of the scoring: answers of known order, graded by ours and by the original's formula."""
